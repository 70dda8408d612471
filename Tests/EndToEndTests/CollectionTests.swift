import Foundation
import Testing

/// Codes of several models in one store.
@Suite struct CollectionTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writePictures("photos", count: 8)
        try space.writeModel("m.safetensors")
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func eachModelHasACollectionAndAllAreKeptUpToDate() throws {
        let made = try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors", "--model", "pdq")
        #expect(made.status == 0 && made.errorLines.count == 3)
        #expect(made.error.contains("s.hashdb: new collection pdq for the codes of pdq/1\n"))
        #expect(made.error.contains("s.hashdb: 8 added") && made.error.contains("s.hashdb, pdq: 8 added"))
        try space.writePicture("photos/new.ppm", seed: 99)
        try space.write(Array("no image".utf8), to: "photos/bad.ppm")
        let again = try tool.run("ingest", "s.hashdb", "photos")
        #expect(again.error.contains("s.hashdb: 1 added") && again.error.contains("s.hashdb, pdq: 1 added"))
        // A file that no model can read is told once.
        #expect(again.status == 0 && again.errorLines.count == 3)

        for (arguments, digits) in [
            ([], 16), (["--model", "m.safetensors"], 16), (["--model", "pdq"], 64), (["--model", "pdq/1"], 64),
            (["--model", "default"], 16), (["--collection", "pdq"], 64), (["--collection", "default"], 16),
        ] as [([String], Int)] {
            let answer = try tool.start(
                [Tool.path, "query", "s.hashdb", "photos/005.ppm", "-k", "1", "--json"] + arguments
            ).finish()
            let line = try QueryLine(answer.output)
            #expect(line.matches.first?.distance == 0 && line.paths.first??.hasSuffix("005.ppm") == true)
            guard arguments.first != "--model" else { continue }
            let dump = try tool.start([Tool.path, "dump", "s.hashdb"] + arguments).finish()
            #expect(dump.lines.count == 9)
            #expect(dump.lines.allSatisfy { $0.split(separator: "\t")[1].count == digits })
        }
        for name in ["phash", "nothing"] {
            let refused = try tool.run("query", "s.hashdb", "photos/005.ppm", "--model", name)
            #expect(refused.status == 1 && refused.errorLines.count == 1 && refused.error.contains(name))
        }
        let mixed = try tool.run("query", "s.hashdb", "photos/005.ppm", "--model", "pdq", "--collection", "default")
        #expect(mixed.status == 1 && mixed.error.contains("pdq/1"))
    }

    @Test func anotherModelIsAddedToAStoreAndNeverMixed() throws {
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq").status == 0)
        let before = try tool.run("dump", "s.hashdb").output
        let added = try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors")
        #expect(added.status == 0 && added.error.contains("new collection m for the codes of lsh"))
        #expect(try tool.run("dump", "s.hashdb").output == before)
        #expect(try tool.run("dump", "s.hashdb", "--collection", "m").lines.count == 8)
        // Another model of the same name.
        try space.write([], to: "other/file")
        try space.writeModel("other/m.safetensors", seed: 2)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "other/m.safetensors").error.contains("m-2"))
    }

    @Test func duplicatesTakesTheCodesThatSuitTheTier() throws {
        try space.writePicture("photos/large.ppm", seed: 71, width: 240, height: 200)
        try space.writePicture("photos/small.ppm", seed: 71, width: 180, height: 150)
        try space.write(try space.bytes(of: "photos/001.ppm"), to: "photos/again.ppm")
        #expect(
            try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors", "--model", "pdq").status == 0)
        let near = try tool.run("duplicates", "s.hashdb")
        #expect(near.output.contains("# model pdq/1\n") && near.output.contains("# tier near, radius 31 of 256 bits"))
        #expect(near.output.contains("small.ppm") && near.output.contains("again.ppm"))
        let alike = try tool.run("duplicates", "s.hashdb", "--tier", "look-alike")
        #expect(alike.output.contains("# model lsh") && alike.output.contains("of 64 bits"))
        let own = try tool.run("duplicates", "s.hashdb", "--collection", "default")
        #expect(own.output.contains("# model lsh") && own.output.contains("# tier same-pixels"))
        #expect(try tool.run("duplicates", "s.hashdb", "--collection", "default", "--tier", "near").status == 64)

        // Verdicts and what has been dropped are known to all collections.
        #expect(try tool.run("verdict", "s.hashdb", "photos/large.ppm", "photos/small.ppm").status == 0)
        #expect(try tool.run("verdict", "s.hashdb", "--list").lines.count == 1)
        #expect(try !tool.run("duplicates", "s.hashdb").output.contains("small.ppm"))
        let applied = try tool.shell(
            "hashdb duplicates s.hashdb | hashdb apply - --yes --delete-permanently --undo-log u")
        #expect(applied.status == 0 && applied.lines.count == 1)
        for collection in ["default", "pdq"] {
            let paths = try tool.run("dump", "s.hashdb", "--collection", collection).output
            #expect(paths.contains("photos/001.ppm") != paths.contains("photos/again.ppm"), "\(collection)")
        }
    }

    @Test func helpSaysWhichCollectionIsTaken() throws {
        func help(_ command: String) throws -> String {
            try tool.run(command, "--help", environment: ["COLUMNS": "400"]).output
        }
        #expect(try help("query").contains("its only one, or the one named default"))
        #expect(try help("duplicates").contains("its only one, or the one whose codes suit the tier"))
        #expect(try help("ingest").contains("for a new store photo-64"))
    }

    @Test func commandsOfStoresTakeAllCollectionsOrOne() throws {
        try space.writeCodes("a.npy", count: 50, bits: 64)
        try space.writeCodes("b.npy", count: 30, bits: 128, seed: 2)
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        let alone = try object(try tool.run("stats", "s.hashdb", "--json").output)
        #expect(alone["collections"] == nil && alone["collection"] as? String == "default")
        #expect(try tool.run("import", "s.hashdb", "b.npy", "--collection", "wide").status == 0)

        let stats = try object(try tool.run("stats", "s.hashdb", "--json").output)
        let all = try #require(stats["collections"] as? [[String: Any]])
        #expect(all.map { $0["collection"] as? String } == ["default", "wide"])
        #expect(all.map { $0["items"] as? Int } == [50, 30] && all.map { $0["bits"] as? Int } == [64, 128])
        let text = try tool.run("stats", "s.hashdb").output
        #expect(text.hasPrefix("collection  default\n") && text.contains("\n\ncollection  wide\n"))
        let wide = try object(try tool.run("stats", "s.hashdb", "--json", "--collection", "wide").output)
        #expect(wide["items"] as? Int == 30)

        let verified = try tool.run("verify", "s.hashdb")
        #expect(verified.errorLines.count == 2 && verified.error.contains("s.hashdb, wide: 30 items, no damage found"))
        #expect(try tool.run("fold", "s.hashdb").errorLines.count == 2)
        #expect(try tool.run("verify", "s.hashdb", "--collection", "wide").errorLines.count == 1)

        #expect(try tool.run("delete", "s.hashdb", "7", "--collection", "wide").error == "deleted 1 of 1 items\n")
        #expect(try tool.run("export", "s.hashdb", "out.hex", "--collection", "wide").status == 0)
        #expect(try String(decoding: space.bytes(of: "out.hex"), as: UTF8.self).split(separator: "\n").count == 29)
        #expect(
            try tool.run("pairs", "s.hashdb", "--radius", "128", "--collection", "wide").error.contains("406 pairs"))
        #expect(try tool.run("pairs", "s.hashdb", "--radius", "64").error.contains("1225 pairs"))
        let found = try tool.run("query", "s.hashdb", "--id", "3", "-k", "1", "--json", "--collection", "wide")
        #expect(try QueryLine(found.output).matches.first?.distance == 0)
    }

    @Test func aCollectionIsListedAndRemoved() throws {
        try space.writeCodes("a.npy", count: 50, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        let last = try tool.run("collections", "s.hashdb", "--remove", "default", "--yes")
        #expect(last.status == 1 && last.error.contains("default is its only collection"))
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq").status == 0)

        let list = try tool.run("collections", "s.hashdb")
        #expect(list.status == 0 && list.lines.first == "default  50 codes of 64 bits")
        #expect(list.lines.count == 2 && list.lines[1].hasPrefix("pdq  8 codes of 256 bits, pdq/1 (fingerprint "))
        let objects = try object(try tool.run("collections", "s.hashdb", "--json").output)
        let all = try #require(objects["collections"] as? [[String: Any]])
        #expect(all.map { $0["collection"] as? String } == ["default", "pdq"])
        #expect(all.map { $0["items"] as? Int } == [50, 8] && all[0]["model"] is NSNull)

        let unknown = try tool.run("collections", "s.hashdb", "--remove", "phash", "--yes")
        #expect(unknown.status == 1 && unknown.error.contains("no collection phash; it has default, pdq"))
        #expect(try tool.run("collections", "s.hashdb", "--remove", "a b").status == 64)
        #expect(try tool.run("collections", "s.hashdb", "--yes").status == 64)
        #expect(try tool.run("collections", "none.hashdb").status == 1)

        let dry = try tool.run("collections", "s.hashdb", "--remove", "pdq")
        #expect(dry.status == 0 && dry.error.contains("would remove pdq: 8 codes of 256 bits"))
        #expect(try tool.run("collections", "s.hashdb").output == list.output)
        let removed = try tool.run("collections", "s.hashdb", "--remove", "pdq", "--yes")
        #expect(removed.status == 0 && removed.error.contains("removed pdq: 8 codes of 256 bits"))
        #expect(try tool.run("collections", "s.hashdb").lines == ["default  50 codes of 64 bits"])
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        #expect(try tool.run("dump", "s.hashdb").lines.count == 50)
        #expect(try tool.run("dump", "s.hashdb", "--collection", "pdq").status == 1)
    }

    @Test func unknownAndImpossibleNamesAreErrors() throws {
        try space.writeCodes("a.npy", count: 5, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        #expect(try tool.run("import", "s.hashdb", "a.npy", "--collection", "second").status == 0)
        for command in ["stats", "verify", "fold", "dump"] {
            let unknown = try tool.run(command, "s.hashdb", "--collection", "third")
            #expect(unknown.status == 1 && unknown.errorLines.count == 1)
            #expect(unknown.error.contains("it has no collection third; it has default, second"))
            #expect(try tool.run(command, "s.hashdb", "--collection", "A b").status == 64)
        }
        // A store whose only collection has another name needs no option.
        #expect(try tool.run("import", "t.hashdb", "a.npy", "--collection", "only").status == 0)
        #expect(try tool.run("dump", "t.hashdb").lines.count == 5)
        #expect(try tool.run("import", "t.hashdb", "a.npy").status == 0)
        #expect(try tool.run("stats", "t.hashdb").output.hasPrefix("collection  only\n"))
    }
}
