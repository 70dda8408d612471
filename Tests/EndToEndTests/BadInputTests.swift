import Foundation
import HashDB
import Testing

/// Whatever is wrong, there is one clear line, a documented exit status, and nothing is lost.
@Suite struct BadInputTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeCodes("c.npy", count: 10, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
    }

    /// All items of the store.
    func contents() throws -> [Item] {
        var items: [Item] = []
        try Store.open(at: space.file("s.hashdb"), access: .readOnly).read { snapshot in
            try snapshot.forEachItem { item in
                items.append(item)
                return true
            }
        }
        return items
    }

    /// Expects one line of error that contains `text`, and the status; and that the store is as it was.
    func expectError(
        _ status: Int32, _ text: String, _ arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try contents()
        let result = try tool.start([Tool.path] + arguments).finish()
        let shown = Comment(rawValue: "\(arguments) gave \(result)")
        #expect(result.status == status, shown, sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, shown, sourceLocation: sourceLocation)
        #expect(result.errorLines.count == 1, shown, sourceLocation: sourceLocation)
        #expect(result.error.hasPrefix("hashdb: error: "), shown, sourceLocation: sourceLocation)
        #expect(result.error.contains(text), shown, sourceLocation: sourceLocation)
        #expect(try contents() == before, shown, sourceLocation: sourceLocation)
    }

    @Test func aMissingStore() throws {
        for command in [
            ["query", "no.hashdb", "--id", "1"], ["dump", "no.hashdb"], ["stats", "no.hashdb"],
            ["verify", "no.hashdb"],
            ["fold", "no.hashdb"], ["delete", "no.hashdb", "1"], ["export", "no.hashdb", "o.npy"],
        ] {
            try expectError(1, "no.hashdb: no such store", command)
        }
        #expect(!space.exists("no.hashdb") && !space.exists("o.npy"))
    }

    @Test func aForeignFileInPlaceOfAStore() throws {
        try space.write(Array("Dear diary, this is no database.\n".utf8), to: "diary.txt")
        try space.write([], to: "empty")
        try space.write([UInt8](repeating: 0, count: 100_000), to: "zeros")
        for name in ["diary.txt", "zeros", "c.npy", "empty"] {
            let before = try space.bytes(of: name)
            try expectError(1, name, ["query", name, "--id", "1"])
            try expectError(1, name, ["import", name, "c.npy"])
            #expect(try space.bytes(of: name) == before)
        }
        try expectError(1, space.path, ["query", space.path, "--id", "1"])
    }

    @Test func aDamagedStore() throws {
        let whole = try space.bytes(of: "s.hashdb")
        try space.write(Array(whole.prefix(whole.count / 3)), to: "short.hashdb")
        try expectError(1, "short.hashdb", ["query", "short.hashdb", "--id", "1"])
        try expectError(1, "short.hashdb", ["import", "short.hashdb", "c.npy"])
        #expect(try space.bytes(of: "short.hashdb").count == whole.count / 3)
    }

    @Test func imagesForAStoreOfCodesThatNoModelMade() throws {
        try space.writeModel("m.safetensors")
        try space.writePicture("photos/a.ppm", seed: 1)
        let reason = { (collection: String) in
            "s.hashdb: the codes of collection \(collection) were imported without a model; look for codes with "
                + "--hex, --codes or --id, or give images a collection of their own with hashdb ingest --model"
        }
        let query = ["query", "s.hashdb", "photos/a.ppm"]
        try expectError(1, reason("default"), query)
        try expectError(1, reason("default"), ["ingest", "s.hashdb", "photos"])
        for model in ["m.safetensors", "pdq"] { try expectError(1, reason("default"), query + ["--model", model]) }
        #expect(try tool.run("import", "s.hashdb", "c.npy", "--collection", "more").status == 0)
        try expectError(1, reason("more"), query + ["--collection", "more"])
        try expectError(1, reason("more"), query + ["--collection", "more", "--model", "pdq"])
        try expectError(1, "hashdb ingest --model adds one", query + ["--model", "pdq"])
        // The way out that is named leads somewhere.
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq").status == 0)
        #expect(try tool.start([Tool.path] + query + ["--model", "pdq"]).finish().status == 0)
        try expectError(
            1, "s.hashdb: the codes of collection pdq were made by pdq/1",
            query + ["--collection", "pdq", "--model", "m.safetensors"])
    }

    @Test func modelsThatAreNone() throws {
        try space.writePicture("photos/a.ppm", seed: 1)
        for command in [["ingest", "n.hashdb", "photos"], ["query", "s.hashdb", "photos/a.ppm"]] {
            try expectError(1, "weight file pqd: ", command + ["--model", "pqd"])
            try expectError(1, "one of the names pdq, phash, dhash, ", command + ["--model", "pqd"])
            try expectError(1, ", photo-64, ", command + ["--model", "pqd"])
        }
        #expect(!space.exists("n.hashdb"))
    }

    @Test func aNumberOfNeighboursOrRadiusThatMakesNoSense() throws {
        try expectError(64, "-k 0", ["query", "s.hashdb", "--id", "1", "-k", "0"])
        try expectError(64, "-k -3", ["query", "s.hashdb", "--id", "1", "-k=-3"])
        try expectError(64, "'x'", ["query", "s.hashdb", "--id", "1", "-k", "x"])
        try expectError(64, "radius", ["query", "s.hashdb", "--id", "1", "--radius=-1"])
        try expectError(64, "not both", ["query", "s.hashdb", "--id", "1", "-k", "1", "--radius", "1"])
        try expectError(64, "auto", ["query", "s.hashdb", "--id", "1", "--plan", "fast"])
    }

    @Test func moreNeighboursThanThereAreAndMoreThanAllBits() throws {
        for arguments in [["-k", "11"], ["-k", "\(Int.max)"], ["--radius", "64"], ["--radius", "\(Int.max)"]] {
            let result = try tool.start([Tool.path, "query", "s.hashdb", "--id", "1"] + arguments).finish()
            let shown = Comment(rawValue: "\(arguments) gave \(result)")
            // The query, a head, and a line for each of ten items.
            #expect(result.status == 0 && result.output.split(separator: "\n").count == 12, shown)
        }
        for arguments in [["-k", "9223372036854775808"], ["--radius", "1e9"]] {
            try expectError(64, arguments[1], ["query", "s.hashdb", "--id", "1"] + arguments)
        }
    }

    @Test func aCodeThatIsNone() throws {
        try expectError(64, "\"xyz\"", ["query", "s.hashdb", "--hex", "xyz"])
        try expectError(64, "\"\"", ["query", "s.hashdb", "--hex", ""])
        try expectError(64, "an argument is \"\"", ["stats", ""])
        try expectError(64, "an argument is \"\"", ["query", "s.hashdb", "--id", "1", "--html", ""])
        try expectError(64, "help nonsense: there is no such command", ["help", "nonsense"])
        try expectError(64, "--hex", ["query", "s.hashdb", "--hex", "000"])
        try expectError(1, "--hex 00: has 8 bits", ["query", "s.hashdb", "--hex", "00"])
    }

    @Test func aQueryForNothingOrTwoThings() throws {
        try expectError(64, "nothing to look for", ["query", "s.hashdb"])
        try expectError(64, "only one of", ["query", "s.hashdb", "--id", "1", "--codes", "c.npy"])
        try expectError(64, "only one of", ["query", "s.hashdb", "picture.jpg", "--hex", "00"])
    }

    @Test func anUnknownID() throws {
        try expectError(1, "--id 99: s.hashdb has no such item", ["query", "s.hashdb", "--id", "99"])
        try expectError(1, "99", ["delete", "s.hashdb", "1", "99", "--strict"])
        try expectError(64, "'-1'", ["query", "s.hashdb", "--id=-1"])
        try expectError(64, "18446744073709551616", ["query", "s.hashdb", "--id", "18446744073709551616"])
    }

    @Test func filesOfCodesThatAreNone() throws {
        let good = try space.bytes(of: "c.npy")
        try space.write(good.dropLast(), to: "short.npy")
        try space.write(Array(good.prefix(40)), to: "header.npy")
        try space.write(good + [1], to: "long.npy")
        try space.write(Array("text\n".utf8), to: "text.npy")
        // Numbers with fractions are no codes.
        let header = String(decoding: good.prefix(128).dropFirst(10), as: UTF8.self)
        let floats = header.replacingOccurrences(of: "|u1", with: "<f4")
        try space.write(good.prefix(10) + Array(floats.utf8) + good.dropFirst(128), to: "floats.npy")
        try space.writeCodes("narrow.npy", count: 3, bits: 32)
        for (name, text) in [
            ("short.npy", "truncated"), ("header.npy", "header"), ("long.npy", "more bytes"), ("text.npy", "magic"),
            ("floats.npy", "'<f4'"), ("narrow.npy", "32 bits"), ("none.npy", "No such file"),
        ] {
            try expectError(1, text, ["import", "s.hashdb", name])
            try expectError(1, name, ["query", "s.hashdb", "--codes", name])
            if name != "narrow.npy" { try expectError(1, name, ["import", "new.hashdb", name]) }
        }
        #expect(!space.exists("new.hashdb"))
    }

    @Test func idsThatDoNotFitTheCodes() throws {
        try space.writeIDs("few.npy", [1, 2])
        try expectError(1, "few.npy holds 2 rows and c.npy 10", ["import", "s.hashdb", "c.npy", "--ids", "few.npy"])
        try expectError(1, "'|u1'", ["import", "s.hashdb", "c.npy", "--ids", "c.npy"])
    }

    @Test func aWidthThatTheFileHasNot() throws {
        try expectError(1, "64 bits, not of 128", ["import", "new.hashdb", "c.npy", "--bits", "128"])
        try expectError(1, "64 bits, not of 12", ["import", "new.hashdb", "c.npy", "--bits", "12"])
        try expectError(64, "--bits 1025", ["import", "new.hashdb", "c.npy", "--bits", "1025"])
        #expect(!space.exists("new.hashdb"))
    }

    @Test func foldersInPlaceOfTexts() throws {
        try space.write([1], to: "folder/file")
        try expectError(1, "folder: is a folder", ["apply", "folder"])
        try expectError(1, "folder: is a folder", ["undo", "folder"])
        try expectError(1, "folder: is a folder", ["ingest", "n.hashdb", "--files-from", "folder", "--model", "dhash"])
        try expectError(1, "none: cannot be read: No such file", ["apply", "none"])
        #expect(!space.exists("n.hashdb"))
    }

    @Test func placesThatCannotBeWrittenTo() throws {
        try expectError(1, "no/o.npy", ["export", "s.hashdb", "no/o.npy"])
        try expectError(1, "no/s.hashdb", ["import", "no/s.hashdb", "c.npy"])
    }

    @Test func exportsWhoseFormatNobodyHasNamed() throws {
        try expectError(
            1, "o.txt: its ending names no format; let it end in .npy, .npz", ["export", "s.hashdb", "o.txt"])
        try expectError(1, "name the format", ["export", "s.hashdb", "o"])
        #expect(!space.exists("o.txt") && !space.exists("o"))
    }

    @Test func commandsThatAreNone() throws {
        try expectError(64, "'frobnicate'", ["frobnicate"])
        try expectError(64, "'--frob'", ["stats", "s.hashdb", "--frob"])
        try expectError(64, "<store>", ["stats"])
    }

    @Test func helpIsNoFailure() throws {
        for arguments in [["--help"], ["query", "--help"], ["--version"], ["help", "import"]] {
            let result = try tool.start([Tool.path] + arguments).finish()
            #expect(result.status == 0 && !result.output.isEmpty && result.error.isEmpty)
        }
    }
}
