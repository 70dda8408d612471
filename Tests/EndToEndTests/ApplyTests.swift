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
        #expect(try !applied("--delete-permanently").contains("undo"))
    }

    @Test func theReasonIsThatOfTheRuleGiven() throws {
        let shown = try tool.run("apply", "report", "--keep-under", "in", "--keep", "largest")
        let expected = "(same-bytes; stays: \(space.resolvedPath)/in/a.ppm, under)"
        #expect(shown.lines.contains { $0.hasSuffix("/archive/a.ppm  \(expected)") }, "\(shown)")
    }
}
