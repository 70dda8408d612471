import Foundation
import Testing

/// What `apply` and `undo` say, and what they do where something is in the way.
@Suite struct ApplyTests {
    let space: Workspace
    var tool: Tool { space.tool }
    private var trash: [String: String] { ["XDG_DATA_HOME": space.file("data")] }

    init() throws {
        space = try Workspace()
        for (name, number) in [("in/a.ppm", 1), ("in/b.ppm", 2), ("archive/a.ppm", 1), ("archive/b.ppm", 2)] {
            try space.writePicture(name, seed: UInt64(number))
        }
        try space.writeModel("m.safetensors")
        #expect(try tool.run("ingest", "s.hashdb", "in", "archive", "--model", "m.safetensors").status == 0)
        let report = try tool.run("duplicates", "s.hashdb", "--keep-under", "archive").output
        try space.write(Array(report.utf8), to: "report")
    }

    @Test(arguments: ["mv s.hashdb away", "echo nothing > s.hashdb"])
    func filesComeBackWhateverBecameOfTheStore(change: String) throws {
        #expect(try tool.run("apply", "report", "--yes", environment: trash).status == 0)
        #expect(try tool.shell(change).status == 0 && !space.exists("in/a.ppm"))
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0, "\(undone)")
        #expect(undone.lines.count == 2 && undone.lines.allSatisfy { $0.hasPrefix("restored") })
        #expect(undone.errorLines.count == 2 && undone.errorLines[0].hasPrefix("hashdb: warning: "))
        #expect(undone.errorLines[0].contains("s.hashdb"))
        #expect(space.exists("in/a.ppm") && space.exists("in/b.ppm"))
    }

    @Test func filesGoWhateverBecameOfTheStore() throws {
        #expect(try tool.shell("mv s.hashdb away").status == 0)
        let done = try tool.run("apply", "report", "--yes", environment: trash)
        #expect(done.status == 0 && done.lines.count == 2 && done.errorLines.count == 2, "\(done)")
        #expect(!space.exists("in/a.ppm") && !space.exists("in/b.ppm"))
    }

    @Test func filesThatTheStoreDoesNotKnowAreLeftAlone() throws {
        let made = try tool.shell("rm s.hashdb*; hashdb ingest s.hashdb archive --model m.safetensors")
        #expect(made.status == 0, "\(made)")
        for options in [[], ["--yes"], ["--yes", "--delete-permanently"]] as [[String]] {
            let refused = try tool.start([Tool.path, "apply", "report"] + options, environment: trash).finish()
            #expect(refused.status == 1 && refused.lines.count == 2, "\(refused)")
            #expect(refused.lines.allSatisfy { $0.contains("the store does not know it") }, "\(refused)")
        }
        #expect(space.exists("in/a.ppm") && space.exists("in/b.ppm"))
    }

    @Test func whatIsNoNoteOfTheTrashIsNamedAndStays() throws {
        #expect(try tool.run("apply", "report", "--yes", environment: trash).status == 0)
        try space.write(Array("precious".utf8), to: "data/Trash/info/a.ppm.trashinfo")
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0 && undone.lines.count == 2 && space.exists("in/a.ppm"), "\(undone)")
        #expect(undone.error.contains("a.ppm.trashinfo: stays, as it is no note of"), "\(undone)")
        #expect(space.exists("data/Trash/info/a.ppm.trashinfo") && !space.exists("data/Trash/info/b.ppm.trashinfo"))
    }

    @Test(arguments: ["list", "report", "in/a.ppm"]) func onlyALogIsWrittenTo(name: String) throws {
        try space.write(Array("eggs\nmilk\n".utf8), to: "list")
        let before = try space.bytes(of: name)
        let refused = try tool.run("apply", "report", "--yes", "--undo-log", name, environment: trash)
        #expect(refused.status == 1 && refused.output.isEmpty && refused.error.contains(name), "\(refused)")
        #expect(try space.bytes(of: name) == before && space.exists("in/a.ppm") && space.exists("in/b.ppm"))
    }

    @Test func theTrashIsWhereTheEnvironmentSaysHomeIs() throws {
        let environment = ["HOME": space.file("home"), "XDG_DATA_HOME": "not/absolute"]
        #expect(try tool.run("apply", "report", "--yes", environment: environment).status == 0)
        #expect(space.exists("home/.local/share/Trash/files/a.ppm") && !space.exists("not/absolute"))
    }

    @Test func theWayBackIsNamedWhereThereIsOne() throws {
        func applied(_ arguments: String...) throws -> String {
            try tool.start([Tool.path, "apply", "report", "--yes"] + arguments, environment: trash).finish().error
        }
        #expect(try applied().contains("undo with: hashdb undo report.undo"))
        // All has gone.
        #expect(try applied() == "trash: 0 files, 0 bytes, 2 left alone\n")
        #expect(try tool.run("undo", "report.undo").status == 0)
        #expect(try tool.run("undo", "report.undo").error == "0 restored\n")
        #expect(try tool.run("ingest", "s.hashdb", "in", "archive", "--model", "m.safetensors").status == 0)
        #expect(try !applied("--delete-permanently").contains("undo"))
    }

    @Test func theReasonIsThatOfTheRuleGiven() throws {
        let shown = try tool.run("apply", "report", "--keep-under", "in", "--keep", "largest")
        let expected = "(same-bytes; stays: \(space.resolvedPath)/in/a.ppm, under)"
        #expect(shown.lines.contains { $0.hasSuffix("/archive/a.ppm  \(expected)") }, "\(shown)")
    }

    @Test func aDirectoryOfNoFileOfTheReportIsRefused() throws {
        try space.write([], to: "else/where")
        let refused = try tool.run("apply", "report", "--yes", "--keep-under", "else", environment: trash)
        #expect(refused.status == 1 && refused.output.isEmpty && refused.errorLines.count == 1, "\(refused)")
        let expected = "--keep-under \(space.resolvedPath)/else: no file of the report lies below it; "
        #expect(refused.error.contains(expected), "\(refused)")
        #expect(space.exists("in/a.ppm") && space.exists("archive/a.ppm") && !space.exists("report.undo"))
    }

    @Test func aPageIsNoReport() throws {
        #expect(try tool.run("duplicates", "s.hashdb", "--html", "dups.html").status == 0)
        let refused = try tool.run("apply", "dups.html")
        #expect(refused.status == 1 && refused.error.contains("save the report from the page (key S)"), "\(refused)")
    }

    /// Says what is kept without an option: what has most pixels, or what the report's marks say.
    @Test(arguments: [("duplicates", "(default: most-pixels)"), ("apply", "(default: the report's marks;")])
    func theDefaultOfKeepIsNamed(command: String, words: String) throws {
        let help = try tool.run(command, "--help", environment: ["COLUMNS": "80"]).output
        #expect(help.split { $0.isWhitespace }.joined(separator: " ").contains(words), "\(help)")
    }

    // MARK: Runs

    /// Applies to the file that `in` and the archive both have, and makes a report of those that are left.
    private func applyTwice() throws {
        #expect(try tool.run("apply", "report", "--yes", "--undo-log", "log", environment: trash).status == 0)
        try space.writePicture("in/c.ppm", seed: 1)
        let found = try tool.shell(
            """
            hashdb ingest s.hashdb in archive --model m.safetensors
            hashdb duplicates s.hashdb --keep-under archive >second
            """)
        #expect(found.status == 0, "\(found)")
        let done = try tool.run("apply", "second", "--yes", "--undo-log", "log", environment: trash)
        #expect(done.status == 0 && done.lines.count == 1, "\(done)")
    }

    @Test func theLastRunIsTakenBackAlone() throws {
        try applyTwice()
        let last = try tool.run("undo", "log")
        #expect(last.status == 0 && last.lines.count == 1 && space.exists("in/c.ppm"), "\(last)")
        #expect(last.error.hasSuffix("; the log has 1 earlier run, --all takes back all\n"), "\(last)")
        #expect(!space.exists("in/a.ppm") && !space.exists("in/b.ppm"))
        // The last one of which something is left.
        let first = try tool.run("undo", "log")
        #expect(first.status == 0 && first.error.hasPrefix("2 restored; "), "\(first)")
        #expect(space.exists("in/a.ppm") && space.exists("in/b.ppm") && !first.error.contains("earlier"))
    }

    @Test func allRunsAreTakenBackOnRequest() throws {
        try applyTwice()
        let undone = try tool.run("undo", "log", "--all")
        #expect(undone.status == 0 && undone.error.hasPrefix("3 restored; "), "\(undone)")
        #expect(["in/a.ppm", "in/b.ppm", "in/c.ppm"].allSatisfy(space.exists))
    }

    // MARK: As JSON

    /// The members of an object that are text.
    private func texts(_ object: [String: Any]) -> [String: String] { object.compactMapValues { $0 as? String } }

    private func apply(_ options: [String]) throws -> Tool.Result {
        try tool.start([Tool.path, "apply", "report", "--json"] + options, environment: trash).finish()
    }

    private static let actions: [(String, [String])] = [
        ("trash", []), ("move", ["--move-to", "archive"]), ("link", ["--hard-link"]),
        ("delete", ["--delete-permanently"]),
    ]

    @Test(arguments: ApplyTests.actions) func whatWouldBeDoneIsPrintedAsJSON(action: String, options: [String]) throws {
        let shown = try apply(options)
        #expect(shown.status == 0 && shown.errorLines.count == 1, "\(shown)")
        #expect(shown.error.hasPrefix("would \(action) 2 files"), "\(shown)")
        let steps = try shown.objects()
        try #require(steps.count == 2)
        for (step, name) in zip(steps, ["a.ppm", "b.ppm"]) {
            let expected = [
                "outcome": "planned", "action": action, "path": "\(space.resolvedPath)/in/\(name)",
                "why": "same-bytes", "stays": "\(space.resolvedPath)/archive/\(name)", "stays_why": "under",
            ]
            #expect(texts(step) == expected && step.count == expected.count + 1)
            let size = try space.bytes(of: "in/" + name).count
            #expect(step["bytes"] as? Int == size)
        }
        #expect(space.exists("in/a.ppm") && space.exists("in/b.ppm"))
    }

    @Test(arguments: ApplyTests.actions) func whatWasDoneIsPrintedAsJSON(action: String, options: [String]) throws {
        let isElsewhere = ["trash", "move"].contains(action)
        let done = try apply(options + ["--yes"])
        #expect(done.status == 0 && done.error.hasPrefix("\(action): 2 files"), "\(done)")
        let steps = try done.objects()
        try #require(steps.count == 2)
        for (step, name) in zip(steps, ["a.ppm", "b.ppm"]) {
            #expect(step["outcome"] as? String == "done" && step["action"] as? String == action)
            #expect(step["path"] as? String == "\(space.resolvedPath)/in/\(name)")
            #expect(step["stays"] as? String == "\(space.resolvedPath)/archive/\(name)")
            let place = step["to"] as? String
            #expect((place != nil) == isElsewhere && place != step["path"] as? String)
            if let place { #expect(FileManager.default.fileExists(atPath: place)) }
        }
        // Nothing is as the report has it any more.
        let refused = try apply(options + ["--yes"])
        #expect(refused.status == 1)
        let refusals = try refused.objects()
        #expect(refusals.count == 2)
        for step in refusals {
            #expect(Set(step.keys) == ["outcome", "action", "path", "bytes", "why", "reason"])
            #expect(step["outcome"] as? String == "refused" && step["action"] as? String == action)
            #expect((step["reason"] as? String)?.isEmpty == false)
        }
    }

    @Test func whatWasTakenBackIsPrintedAsJSON() throws {
        try space.write(Array("notes".utf8), to: "in/a.xmp")
        try space.write([], to: "else/where")
        let steps = try apply(["--yes", "--move-to", "else"]).objects()
        try #require(steps.count == 2)
        #expect(steps[0]["to"] as? String == "\(space.resolvedPath)/else/a.ppm")
        #expect(steps[0]["with"] as? [String] == ["\(space.resolvedPath)/in/a.xmp"])
        #expect(!steps[1].keys.contains("with"))
        for (outcome, count) in [("restored", 3), ("nothing", 0)] {
            let undone = try tool.run("undo", "report.undo", "--json")
            #expect(undone.status == 0 && undone.error.hasPrefix("\(count) restored"), "\(undone)")
            let expected = ["a.ppm", "a.xmp", "b.ppm"].map {
                ["outcome": outcome, "path": "\(space.resolvedPath)/in/\($0)"]
            }
            #expect(try undone.objects().map(texts) == expected)
        }
    }

    @Test func whatCannotBeTakenBackHasItsReason() throws {
        #expect(try apply(["--yes", "--delete-permanently"]).status == 0)
        let undone = try tool.run("undo", "report.undo", "--json")
        #expect(undone.status == 1 && undone.error.hasPrefix("0 restored, 2 left alone"), "\(undone)")
        let expected = ["a.ppm", "b.ppm"].map {
            ["outcome": "refused", "path": "\(space.resolvedPath)/in/\($0)", "reason": "it was deleted for good"]
        }
        #expect(try undone.objects().map(texts) == expected)
    }

    @Test func namesThatAreNoTextComeThrough() throws {
        let move = try tool.shell("mv in/a.ppm \"$(printf 'in/caf\\351.ppm')\"")
        // Not every file system takes such names.
        guard move.status == 0 else { return }
        try space.write([], to: "else/where")
        let found = try tool.shell(
            """
            hashdb ingest s.hashdb in archive --sync --model m.safetensors
            hashdb duplicates s.hashdb --keep-under archive >report
            """)
        #expect(found.status == 0, "\(found)")
        let name = "caf\\udce9.ppm"
        let done = try apply(["--yes", "--move-to", "else"]).output
        #expect(done.contains("\"path\": \"\(space.resolvedPath)/in/\(name)\""), "\(done)")
        #expect(done.contains("\"to\": \"\(space.resolvedPath)/else/\(name)\""), "\(done)")
        let undone = try tool.run("undo", "report.undo", "--json").output
        #expect(undone.contains("\"path\": \"\(space.resolvedPath)/in/\(name)\""), "\(undone)")
    }
}

extension Tool.Result {
    /// The lines of standard output, each an object of JSON, in the order of their paths.
    func objects() throws -> [[String: Any]] {
        let objects = try lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
        return objects.sorted { ($0["path"] as? String ?? "") < ($1["path"] as? String ?? "") }
    }
}
