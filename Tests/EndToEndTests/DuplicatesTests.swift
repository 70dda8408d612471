import Foundation
import Testing

@Suite struct DuplicatesTests {
    let space: Workspace
    private let picture: [UInt8]
    var tool: Tool { space.tool }
    private var trash: [String: String] { ["XDG_DATA_HOME": space.file("data")] }

    init() throws {
        space = try Workspace()
        for (name, number) in [("in/a.ppm", 1), ("in/b.ppm", 2), ("archive/a again.ppm", 1), ("archive/c.ppm", 3)] {
            try space.writePicture(name, seed: UInt64(number))
        }
        try space.writeModel("m.safetensors")
        picture = try space.bytes(of: "in/a.ppm")
        #expect(try tool.run("ingest", "s.hashdb", "in", "archive", "--model", "m.safetensors").status == 0)
    }

    @Test func aReportIsShownAppliedAndUndone() throws {
        let found = try tool.run("duplicates", "s.hashdb")
        #expect(found.status == 0 && found.errorLines.count == 1)
        #expect(found.errorLines[0].hasPrefix("3 images, 1 group, 1 file to drop"))
        try space.write(Array(found.output.utf8), to: "report")
        let shown = try tool.run("apply", "report", environment: trash)
        #expect(shown.status == 0 && shown.lines.count == 1 && shown.lines[0].hasPrefix("would trash"))
        #expect(space.exists("in/a.ppm") && space.exists("archive/a again.ppm") && !space.exists("report.undo"))
        let done = try tool.run("apply", "report", "--yes", "--keep-under", "archive", environment: trash)
        #expect(done.status == 0 && done.lines.count == 1 && done.lines[0].hasPrefix("trash"))
        #expect(!space.exists("in/a.ppm") && space.exists("archive/a again.ppm"))
        #expect(try space.bytes(of: "data/Trash/files/a.ppm") == picture)
        // The store has heard of it.
        #expect(try tool.run("dump", "s.hashdb").output.contains("in/a.ppm") == false)
        // Twice is no harm: the file is gone.
        #expect(try tool.run("apply", "report", "--yes", environment: trash).status == 1)
        #expect(space.exists("archive/a again.ppm"))
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0 && undone.lines.contains { $0.hasPrefix("restored") && $0.hasSuffix("in/a.ppm") })
        #expect(try space.bytes(of: "in/a.ppm") == picture)
    }

    @Test func anEditedReportIsObeyed() throws {
        let report = try tool.run("duplicates", "s.hashdb", "--keep", "first-path").output
        let lines = report.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains { $0.hasPrefix("  keep  first-path") && $0.hasSuffix("archive/a again.ppm") })
        let swapped = lines.map { line in
            line.hasPrefix("  keep")
                ? "  drop" + line.dropFirst(6) : line.hasPrefix("  drop") ? "  keep" + line.dropFirst(6) : line
        }
        try space.write(Array(swapped.joined(separator: "\n").utf8), to: "report")
        try space.write([], to: "else/where")
        #expect(try tool.run("apply", "report", "--yes", "--move-to", "else").status == 0)
        #expect(try space.bytes(of: "else/a again.ppm") == picture)
        #expect(space.exists("in/a.ppm") && !space.exists("archive/a again.ppm"))
        let none = swapped.map { $0.replacingOccurrences(of: "  keep", with: "  drop") }
        try space.write(Array(none.joined(separator: "\n").utf8), to: "all")
        let refused = try tool.run("apply", "all", "--yes", "--delete-permanently")
        #expect(refused.status == 1 && !refused.lines.isEmpty)
        #expect(refused.lines.allSatisfy { $0.hasPrefix("left alone") })
        #expect(space.exists("in/a.ppm"))
    }

    @Test func anOptionThatIsCutShortDeletesNothing() throws {
        try space.write(Array(try tool.run("duplicates", "s.hashdb").output.utf8), to: "report")
        for option in ["--delete", "--delete-perm"] {
            let result = try tool.run("apply", "report", "--yes", option, environment: trash)
            #expect(result.status == 64 && result.output.isEmpty && result.error.contains(option), "\(result)")
        }
        #expect(space.exists("in/a.ppm") && space.exists("archive/a again.ppm") && !space.exists("report.undo"))
    }

    @Test func jsonReportsAreReadFromStandardInput() throws {
        let result = try tool.shell(
            "hashdb duplicates s.hashdb --json | hashdb apply - --yes --hard-link --undo-log log")
        #expect(result.status == 0)
        let numbers = try ["in/a.ppm", "archive/a again.ppm"].map {
            try FileManager.default.attributesOfItem(atPath: space.file($0))[.systemFileNumber] as? Int
        }
        #expect(numbers[0] != nil && numbers[0] == numbers[1])
        #expect(try tool.run("duplicates", "s.hashdb", "--fail-if-found").status == 0)
    }

    @Test func aReaderThatHasEnoughStopsNothingHalfWay() throws {
        // Long names, so that what is told of them is more than is kept back.
        for number in 100..<250 {
            try space.write(picture, to: "many/\(number) \(String(repeating: "x", count: 200)).ppm")
        }
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: space.file("many")) }
        #expect(try tool.run("ingest", "m.hashdb", "many", "--model", "m.safetensors").status == 0)
        try space.write(Array(try tool.run("duplicates", "m.hashdb").output.utf8), to: "report")
        try space.write([], to: "else/where")
        let done = try tool.shell("{ hashdb apply report --yes --move-to else; echo $? >status; } | true")
        #expect(done.error.contains("move: 149 files"), "\(done.error)")
        #expect(try names().count == 1 && String(decoding: space.bytes(of: "status"), as: UTF8.self) == "0\n")
        #expect(try tool.run("dump", "m.hashdb").output.components(separatedBy: "many/").count == 2)
        let undone = try tool.shell("{ hashdb undo report.undo; echo $? >status; } | true")
        #expect(undone.error.contains("149 restored"), "\(undone.error)")
        #expect(try names().count == 150 && String(decoding: space.bytes(of: "status"), as: UTF8.self) == "0\n")
    }

    @Test func inboxAgainstArchiveAndStatusOnRequest() throws {
        let found = try tool.run("duplicates", "s.hashdb", "--between", "in", "archive", "--fail-if-found")
        #expect(found.status == 11)
        #expect(found.lines.contains { $0.hasPrefix("  keep  archive") && $0.hasSuffix("archive/a again.ppm") })
        #expect(found.lines.contains { $0.hasPrefix("  drop  same-bytes") && $0.hasSuffix("in/a.ppm") })
        #expect(try tool.run("duplicates", "s.hashdb", "--in", "in", "--fail-if-found").status == 0)
    }

    @Test func verdictsAreRememberedAndListed() throws {
        #expect(
            try tool.run("verdict", "s.hashdb", "in/b.ppm", "archive/c.ppm").error == "1 pair remembered as different\n"
        )
        let list = try tool.run("verdict", "s.hashdb", "--list")
        #expect(list.lines.count == 1 && list.output.contains("in/b.ppm") && list.output.contains("archive/c.ppm"))
        let all = try tool.run("duplicates", "s.hashdb", "--tier", "look-alike", "--radius", "64")
        let groups = all.output.components(separatedBy: "\ngroup ").dropFirst()
        #expect(!groups.isEmpty && groups.allSatisfy { !($0.contains("b.ppm") && $0.contains("c.ppm")) })
        for count in ["1 pair", "0 pairs"] {
            let forgotten = try tool.run("verdict", "s.hashdb", "in/b.ppm", "archive/c.ppm", "--forget")
            #expect(forgotten.error == "\(count) forgotten\n")
        }
        #expect(try tool.run("verdict", "s.hashdb", "--list").output.isEmpty)
    }

    // MARK: Perceptual hashes

    /// One picture in three sizes.
    private func writeSizes(seed: UInt64) throws {
        for (width, height) in [(240, 200), (180, 150), (128, 107)] {
            try space.writePicture("p/\(width).ppm", seed: seed, width: width, height: height)
        }
    }

    @Test func codesOfLowQualityMakeNoDuplicates() throws {
        try writeSizes(seed: 55)
        #expect(try tool.run("ingest", "p.hashdb", "p", "--model", "pdq").error.contains("3 of low quality"))
        let found = try tool.run("duplicates", "p.hashdb")
        #expect(!found.output.contains("\ngroup "), "\(found.output)")
        #expect(found.error.hasSuffix("; 3 of low quality are compared by bytes and pixels alone\n"))
    }

    @Test func aCollectionThatComesLaterHeedsVerdicts() throws {
        try writeSizes(seed: 71)
        #expect(try tool.run("ingest", "p.hashdb", "p", "--model", "dhash").status == 0)
        #expect(try tool.run("verdict", "p.hashdb", "p/240.ppm", "p/180.ppm", "p/128.ppm").status == 0)
        #expect(try tool.run("ingest", "p.hashdb", "p", "--model", "pdq").status == 0)
        let found = try tool.run("duplicates", "p.hashdb")
        #expect(found.output.contains("# model pdq/1") && !found.output.contains("240.ppm"), "\(found.output)")
        #expect(found.error.contains("1 group split by verdicts"), "\(found.error)")
    }

    @Test func aFileThatIsBackIsCountedOnce() throws {
        try writeSizes(seed: 71)
        #expect(try tool.run("ingest", "p.hashdb", "p", "--model", "pdq").status == 0)
        try space.write(Array(try tool.run("duplicates", "p.hashdb").output.utf8), to: "report")
        try space.write([], to: "else/where")
        #expect(try tool.run("apply", "report", "--yes", "--move-to", "else").lines.count == 2)
        // It is one of the two that were dropped, and near the other.
        try space.writePicture("p/again.ppm", seed: 71, width: 180, height: 150)
        #expect(try tool.run("ingest", "p.hashdb", "p").status == 0)
        let found = try tool.run("duplicates", "p.hashdb")
        #expect(found.lines.count { $0.hasPrefix("# returned: ") } == 2, "\(found.output)")
        #expect(found.error.contains("1 file is back that was dropped before;"), "\(found.error)")
    }

    @Test(
        arguments: [
            (["duplicates", "none.hashdb"], 1), (["duplicates", "s.hashdb", "--tier", "near"], 64),
            (["duplicates", "s.hashdb", "--between", "in"], 64), (["duplicates", "s.hashdb", "--in", "nowhere"], 1),
            (["duplicates", "s.hashdb", "--between", "in", "in"], 64), (["duplicates", "s.hashdb", "-d", "-1"], 64),
            (["duplicates", "s.hashdb", "-d", "65"], 64),
            (["duplicates", "s.hashdb", "--between", "in", "archive", "--keep", "oldest"], 64),
            (["apply", "none"], 1), (["apply", "in/a.ppm"], 1), (["apply", "-", "--yes"], 64),
            (["apply", "none", "--trash", "--hard-link"], 64), (["undo", "none"], 1), (["undo", "in/a.ppm"], 1),
            (["verdict", "s.hashdb", "in/a.ppm"], 64), (["verdict", "s.hashdb", "in/a.ppm", "in/none.ppm"], 1),
        ] as [([String], Int32)])
    func badUseIsRefusedWithOneLine(arguments: [String], status: Int32) throws {
        let result = try tool.shell("hashdb " + arguments.map { "'\($0)'" }.joined(separator: " ") + " < /dev/null")
        #expect(result.status == status && result.errorLines.count == 1)
        #expect(result.error.hasPrefix("hashdb: error: "))
    }
}
