import Foundation
import Testing

/// What is written takes the place of nothing but its own kind.
@Suite struct OutputFileTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writePictures("photos", count: 3)
        try space.writeCodes("q.npy", count: 2, bits: 64)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "dhash").status == 0)
    }

    /// Expects one line of error, and that neither the store nor an image is another than before.
    private func expectRefusal(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let names = ["s.hashdb", "photos/000.ppm"]
        let before = try names.map { try space.bytes(of: $0) }
        let result = try tool.start([Tool.path] + arguments).finish()
        let shown = Comment(rawValue: "\(arguments) gave \(result)")
        #expect(result.status == 1 && result.output.isEmpty, shown, sourceLocation: sourceLocation)
        #expect(result.errorLines.count == 1, shown, sourceLocation: sourceLocation)
        #expect(result.error.contains("choose another name"), shown, sourceLocation: sourceLocation)
        #expect(try names.map { try space.bytes(of: $0) } == before, shown, sourceLocation: sourceLocation)
        #expect(try tool.run("verify", "s.hashdb").status == 0, shown, sourceLocation: sourceLocation)
    }

    @Test func aStoreIsNotWrittenOver() throws {
        #expect(try tool.shell("ln s.hashdb hard && ln -s s.hashdb soft && ln -s s.hashdb-lock lock").status == 0)
        for name in ["s.hashdb", "./s.hashdb", "hard", "soft", "s.hashdb-lock", "lock"] {
            try expectRefusal(["export", "s.hashdb", name, "--format", "npy"])
            try expectRefusal(["export", "s.hashdb", "o.npy", "--ids", name])
            try expectRefusal(["query", "s.hashdb", "--codes", "q.npy", "--ground-truth", name])
            try expectRefusal(["query", "s.hashdb", "--id", "1", "--html", name])
            try expectRefusal(["stats", "s.hashdb", "--html", name])
            try expectRefusal(["duplicates", "s.hashdb", "--html", name])
        }
        // By the other name of the store, too.
        try expectRefusal(["export", "soft", "s.hashdb-lock", "--format", "hex"])
        #expect(!space.exists("o.npy"))
    }

    @Test func codesAndAnswersTakeThePlaceOfTheirOwnKindAlone() throws {
        try space.write(try space.bytes(of: "s.hashdb"), to: "other")
        try space.write([0x89] + Array("PNG\r\n\u{1a}\n\0\0\0\rIHDR\0\0\0\u{1}".utf8), to: "photos/picture.png")
        for name in ["other", "photos/picture.png"] {
            let before = try space.bytes(of: name)
            for format in ["npy", "npz", "u8bin", "bvecs", "records", "hex", "tsv", "csv", "jsonl", "bits"] {
                try expectRefusal(["export", "s.hashdb", name, "--format", format])
            }
            try expectRefusal(["export", "s.hashdb", "o.npy", "--ids", name])
            try expectRefusal(["query", "s.hashdb", "--codes", "q.npy", "--ground-truth", name])
            #expect(try space.bytes(of: name) == before)
        }
        // Its own queries.
        let queries = try space.bytes(of: "q.npy")
        #expect(try tool.shell("ln -s q.npy soft").status == 0)
        for name in ["q.npy", "soft"] {
            let result = try tool.run("query", "s.hashdb", "--codes", "q.npy", "--ground-truth", name)
            #expect(result.status == 64 && result.errorLines.count == 1, "\(result)")
            #expect(result.error.contains("\(name) is named for --codes and for --ground-truth"), "\(result)")
        }
        #expect(try space.bytes(of: "q.npy") == queries)
        #expect(!space.exists("o.npy"))
    }

    @Test func codesAndIDsAreTwoFiles() throws {
        #expect(try tool.run("export", "s.hashdb", "c.npy").status == 0)
        #expect(try tool.shell("ln -s c.npy soft; ln c.npy hard; mkdir real; ln -s real same").status == 0)
        let before = try space.bytes(of: "c.npy")
        for (codes, ids) in [
            ("c.npy", "c.npy"), ("c.npy", "./c.npy"), ("c.npy", "soft"), ("c.npy", "hard"), ("new.npy", "./new.npy"),
            ("real/new.npy", "same/new.npy"),
        ] {
            let result = try tool.run("export", "s.hashdb", codes, "--ids", ids)
            #expect(result.status == 64 && result.errorLines.count == 1, "\(result)")
            #expect(result.error.contains("\(ids) is named for codes and for ids; name two files"), "\(result)")
        }
        #expect(try space.bytes(of: "c.npy") == before)
        #expect(!space.exists("new.npy") && !space.exists("real/new.npy"))
    }

    @Test func aLockFileThatComesOnlyThenIsNotWrittenOver() throws {
        try FileManager.default.removeItem(atPath: space.file("s.hashdb-lock"))
        let result = try tool.run("stats", "s.hashdb", "--html", "s.hashdb-lock")
        #expect(result.status == 1 && result.error.contains("choose another name"), "\(result)")
        #expect(try tool.run("verify", "s.hashdb").status == 0)
    }

    @Test func aPageTakesThePlaceOfAnotherPageAlone() throws {
        try expectRefusal(["stats", "s.hashdb", "--html", "photos/000.ppm"])
        try expectRefusal(["query", "s.hashdb", "--id", "1", "--html", "photos/000.ppm"])
        try expectRefusal(["duplicates", "s.hashdb", "--html", "photos/000.ppm"])
        try expectRefusal(["stats", "s.hashdb", "--html", "photos"])
        try space.write(Array("<html>mine</html>".utf8), to: "mine.html")
        try expectRefusal(["stats", "s.hashdb", "--html", "mine.html"])
        try space.write([], to: "empty.html")
        for command in [["stats"], ["query", "--id", "1"], ["duplicates"], ["stats"]] {
            for name in ["empty.html", "new.html"] {
                let arguments = [command[0], "s.hashdb"] + command.dropFirst() + ["--html", name]
                #expect(try tool.start([Tool.path] + arguments).finish().status == 0)
                #expect(String(decoding: try space.bytes(of: name), as: UTF8.self).hasPrefix("<!DOCTYPE html"))
            }
        }
    }

    @Test func modelsCurvesAndDrawingsDoNotEither() throws {
        try space.writePictures("data/cat", count: 8, seed: 2)
        try space.writePictures("data/dog", count: 8, seed: 3)
        let train = ["train", "--recipe", "lsh", "--data", "data", "--bits", "8"]
        try expectRefusal(train + ["--out", "s.hashdb"])
        try expectRefusal(train + ["--out", "photos/000.ppm"])
        try expectRefusal(train + ["--out", "m.safetensors", "--report", "s.hashdb"])
        for _ in 0..<2 {
            let result = try tool.start([Tool.path] + train + ["--out", "m.safetensors"]).finish()
            #expect(result.status == 0, "\(result)")
        }
        let evaluate = ["evaluate", "m.safetensors", "--data", "data", "--queries", "1", "--labelled", "4"]
        for option in ["--curve", "--plot"] {
            try expectRefusal(evaluate + [option, "s.hashdb"])
            for _ in 0..<2 {
                let result = try tool.start([Tool.path] + evaluate + [option, "out" + option]).finish()
                #expect(result.status == 0, "\(result)")
            }
        }
    }
}
