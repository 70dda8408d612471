import Foundation
import Testing

@Suite struct ModelTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        for (index, name) in ["cat", "dog"].enumerated() {
            try space.writePictures("data/\(name)", count: 10, seed: UInt64(index + 1))
        }
    }

    func train(_ recipe: String, _ more: String...) throws -> Tool.Result {
        try tool.start([Tool.path, "train", "--recipe", recipe, "--data", "data", "--out", "m"] + more).finish()
    }

    @Test(arguments: ["lsh", "bolsh", "ksh"])
    func modelsWithoutANetworkAreMadeAndUsed(model: String) throws {
        #expect(try train(model, "--bits", "24", "--side", "8").status == 0)
        #expect(try tool.run("ingest", "s.hashdb", "data/cat", "--model", "m").status == 0)
        let answer = try tool.run("query", "s.hashdb", "data/cat/003.ppm", "-k", "1", "--json")
        #expect(try QueryLine(answer.output).matches.map(\.distance) == [0])
        #expect(try tool.run("stats", "s.hashdb").output.contains("\(model), 24 bits"))
    }

    @Test func aNetworkIsTrainedStoppedResumedAndMeasured() throws {
        let settings = [
            "--bits", "8", "--batch", "4", "--epochs", "40", "--labelled", "6", "--queries", "1", "--threads", "1",
        ]
        let command = [Tool.path, "train", "--recipe", "cnnh", "--data", "data", "--out", "m"] + settings
        let run = try tool.start(command)
        try run.wait(until: { run.error.contains("epoch 1 of 40") })
        run.signal(SIGINT)
        let stopped = try run.finish()
        #expect(stopped.status == 130 && stopped.errorLines.last?.contains("go on with --resume") == true)
        #expect(space.exists("m.checkpoint") && !space.exists("m"))
        let checkpoint = try space.bytes(of: "m.checkpoint")
        let anew = try tool.start(command).finish()
        #expect(anew.status == 1 && anew.errorLines.count == 1)
        #expect(anew.error.contains("m.checkpoint") && anew.error.contains("--resume"))
        #expect(try space.bytes(of: "m.checkpoint") == checkpoint)
        // As many epochs as were announced, or the checkpoint is of another training.
        let other = try tool.start(command + ["--resume", "--seed", "2"]).finish()
        #expect(other.status == 1 && other.errorLines.last?.contains("checkpoint") == true)
        let resumed = try tool.start(command + ["--resume"]).finish()
        #expect(resumed.status == 0 && !resumed.error.contains("epoch 1 of 40"))
        #expect(space.exists("m") && !space.exists("m.checkpoint"))
        let measured = try tool.run("evaluate", "m", "--data", "data", "--queries", "1", "--labelled", "6", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(measured.output.utf8)) as? [String: Any])
        #expect(object["queries"] as? Int == 2 && object["bits"] as? Int == 8)
        #expect((object["map"] as? Double).map { (0...1).contains($0) } == true)
        #expect(!measured.error.contains("warning"))
    }

    /// A line of error, and no image is read before it.
    @Test func whatIsNoCheckpointKeepsTrainingFromItsPlace() throws {
        let command = [Tool.path, "train", "--recipe", "cnnh", "--data", "data", "--epochs", "1"]
        func expectRefusal(_ out: String, _ more: String..., naming name: String) throws {
            let refused = try tool.start(command + ["--out", out] + more).finish()
            #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused)")
            #expect(refused.error.contains(name) && refused.error.contains("choose another name"), "\(refused)")
        }
        // A model is none either, though it has the format.
        #expect(try train("lsh", "--bits", "8").status == 0)
        try space.write(Array("mine".utf8), to: "a.checkpoint")
        try space.write(space.bytes(of: "m"), to: "b.checkpoint")
        try space.write(Array("mine".utf8), to: "c.checkpoint/file")
        try space.write(Array("mine".utf8), to: "d/file")
        for name in ["a", "b", "c"] {
            try expectRefusal(name, naming: "\(name).checkpoint")
            try expectRefusal(name, "--resume", naming: "\(name).checkpoint")
            #expect(!space.exists(name))
        }
        try expectRefusal("d", naming: "/d")
        try expectRefusal("data/cat/000.ppm/", naming: "000.ppm")
        #expect(try space.bytes(of: "b.checkpoint") == space.bytes(of: "m"))
        for name in ["a.checkpoint", "c.checkpoint/file", "d/file"] {
            #expect(try space.bytes(of: name) == Array("mine".utf8))
        }
    }

    @Test func aLargeNetworkSeesImagesOfItsSize() throws {
        let settings = ["--bits", "2", "--batch", "4", "--epochs", "1", "--labelled", "2", "--queries", "1"]
        let trained = try tool.start(
            [Tool.path, "train", "--recipe", "dnnh", "--network", "nin224", "--data", "data", "--out", "m"] + settings
        ).finish()
        #expect(trained.status == 0, "\(trained.error)")
        #expect(try tool.run("ingest", "s.hashdb", "data", "--model", "m").status == 0)
        #expect(try tool.run("stats", "s.hashdb").output.contains("dnnh-nin224, 2 bits"))
    }

    @Test(arguments: ["lsh", "ksh", "cnnh", "two-stage"]) func onlyDNNHHasAFullConnection(recipe: String) throws {
        let refused = try tool.run("train", "--recipe", recipe, "--full-connection", "--data", "data", "--out", "m")
        #expect(refused.status == 64 && refused.error.contains("--full-connection"))
        #expect(!space.exists("m"))
    }

    @Test func unlabelledImagesAndFoldersWithoutClassesTeachToo() throws {
        for folder in 0..<2 { try space.writePictures("more/\(folder)", count: 60, seed: UInt64(folder + 10)) }
        let settings = ["--side", "16", "--bits", "8", "--batch", "8", "--epochs", "1", "--unlabelled-epochs", "1"]
        let both = try tool.start(
            [Tool.path, "train", "--data", "data", "--unlabelled", "more", "--out", "m", "--report", "m.html"]
                + settings
        ).finish()
        #expect(both.status == 0 && both.error.contains("semi-supervised: 120 images without labels"))
        #expect(
            both.error.contains("unlabelled epoch 1 of 1") && both.errorLines.last?.contains("semi-supervised") == true)
        let page = try String(contentsOfFile: space.file("m.html"), encoding: .utf8)
        #expect(page.components(separatedBy: "<svg").count > 5 && page.contains(">semi-supervised<"))
        #expect(page.contains("src=\"data:image/bmp;base64,"))
        #expect(!page.contains("<script") && !page.contains("https:"))
        let measured = try tool.run("evaluate", "m", "--data", "data", "--queries", "1", "--labelled", "6")
        #expect(measured.output.contains("semi-supervised"))
        let views = try tool.start(
            [Tool.path, "train", "--recipe", "views", "--data", "data/cat", "--out", "v"] + settings
        ).finish()
        #expect(views.status == 0 && views.error.contains("10 images without classes"))
        #expect(try tool.run("ingest", "s.hashdb", "data", "--model", "v").status == 0)
    }

    @Test func aShippedModelIsTakenWhereNoneIsNamed() throws {
        // In a build folder within the package, as in a clone of it.
        let weights = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Tools/weights"
        try #require(FileManager.default.fileExists(atPath: weights))
        #expect(try tool.run("ingest", "s.hashdb", "data").status == 0)
        let answer = try tool.run("query", "s.hashdb", "data/dog/003.ppm", "-k", "20", "--json")
        let line = try QueryLine(answer.output)
        let own = space.resolvedPath + "/data/dog/003.ppm"
        #expect(line.paths.firstIndex(of: own).map { line.matches[$0].distance } == 0)
    }

    @Test func whatCannotBeTrainedIsAnError() throws {
        for (status, text, arguments) in [
            (64, "'gpt'", ["gpt", "--data", "data", "--out", "m"]),
            (64, "--bits 0", ["--recipe", "lsh", "--data", "data", "--out", "m", "--bits", "0"]),
            (1, "nowhere", ["--recipe", "lsh", "--data", "nowhere", "--out", "m"]),
            (1, "data/cat", ["--recipe", "lsh", "--data", "data/cat", "--out", "m"]),
            (1, "no/m", ["--recipe", "lsh", "--data", "data", "--out", "no/m"]),
            (64, "'best'", ["--recipe", "best", "--data", "data", "--out", "m"]),
            (64, "--recipe cnnh", ["--recipe", "cnnh", "--data", "data", "--unlabelled", "data", "--out", "m"]),
            (64, "--recipe lsh", ["--recipe", "lsh", "--data", "data", "--rest-unlabelled", "--out", "m"]),
            (1, "nowhere", ["--data", "data", "--unlabelled", "nowhere", "--out", "m"]),
            (64, "--network alexnet227", ["--network", "alexnet227", "--data", "data", "--out", "m"]),
            (64, "nin24", ["--recipe", "dnnh", "--network", "nin24", "--data", "data", "--out", "m"]),
            (
                1, "does not fit",
                ["--recipe", "dnnh", "--network", "nin224", "--side", "16", "--data", "data", "--out", "m"]
            ),
            (64, "--checkpoint-interval", ["--checkpoint-interval", "-1", "--data", "data", "--out", "m"]),
            (64, "--batch 5", ["--recipe", "views", "--data", "data", "--batch", "5", "--out", "m"]),
            (64, "--validation 5", ["--recipe", "views", "--data", "data", "--validation", "5", "--out", "m"]),
        ] {
            let result = try tool.start([Tool.path, "train"] + arguments).finish()
            #expect(result.status == Int32(status) && result.output.isEmpty)
            #expect(result.errorLines.last?.hasPrefix("hashdb: error: ") == true && result.error.contains(text))
            #expect(!space.exists("m"))
        }
    }

    @Test(arguments: [
        ("--labelled", "0"), ("--labelled", "-5"), ("--queries", "-1"), ("--epochs", "0"), ("--epochs", "1000001"),
        ("--unlabelled-epochs", "0"), ("--batch", "3"), ("--batch", "65537"), ("--rate", "0.0"), ("--rate", "nan"),
        ("--rate", "inf"), ("--threads", "-1"), ("--threads", "4097"), ("--side", "7"), ("--hold-out", "-1"),
        ("--validation", "-1"), ("--patience", "0"),
    ]) func numbersOutOfRangeAreMistakesOfUsage(option: String, value: String) throws {
        for recipe in ["two-stage", "lsh"] {
            let result = try tool.run(
                "train", "--recipe", recipe, "--data", "nowhere", "--out", "m", "\(option)=\(value)")
            #expect(result.status == 64 && result.errorLines.count == 1, "\(result)")
            #expect(result.error.contains("\(option) \(value): it must be"), "\(result)")
        }
    }

    @Test func whatIsNoModelIsAnError() throws {
        try space.write(Array("not a model".utf8), to: "bad")
        for name in ["bad", "missing"] {
            let result = try tool.run("evaluate", name, "--data", "data")
            #expect(result.status == 1 && result.errorLines.count == 1 && result.error.contains(name))
        }
    }
}
