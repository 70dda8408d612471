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

    @Test func verdictsAreListedAsJSON() throws {
        let names = ["in/b.ppm", "archive/c.ppm"].map { "\(space.resolvedPath)/\($0)" }
        let images = try tool.run("dump", "s.hashdb", "--json").objects()
        let contents = try names.map { name in
            try #require(images.first { $0["path"] as? String == name }?["content"] as? String)
        }
        #expect(try tool.run("verdict", "s.hashdb", "in/b.ppm", "archive/c.ppm").status == 0)
        /// The paths by contents, as either may come first.
        func listed() throws -> [String: String?] {
            let lines = try tool.run("verdict", "s.hashdb", "--list", "--json").objects()
            try #require(lines.count == 1)
            #expect(Set(lines[0].keys) == ["a", "a_content", "b", "b_content"])
            var paths: [String: String?] = [:]
            for name in ["a", "b"] {
                paths.updateValue(
                    lines[0][name] as? String, forKey: try #require(lines[0][name + "_content"] as? String))
            }
            return paths
        }
        let before: [String: String?] = [contents[0]: names[0], contents[1]: names[1]]
        #expect(try listed() == before)
        // A content without a path is known by its hash.
        try FileManager.default.removeItem(atPath: space.file("archive/c.ppm"))
        let synced = try tool.run("ingest", "s.hashdb", "in", "archive", "--sync", "--model", "m.safetensors")
        #expect(synced.status == 0, "\(synced)")
        let after: [String: String?] = [contents[0]: names[0], contents[1]: nil]
        #expect(try listed() == after)
    }

    @Test func equalFilesCannotBeToldApart() throws {
        let refused = try tool.run("verdict", "s.hashdb", "in/a.ppm", "archive/a again.ppm")
        #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused)")
        #expect(refused.error.contains("in/a.ppm and archive/a again.ppm are equal, byte for byte"), "\(refused)")
        // Beside others they are, it is said.
        let told = try tool.run("verdict", "s.hashdb", "in/a.ppm", "archive/a again.ppm", "in/b.ppm")
        #expect(told.status == 0 && told.error.contains("hashdb: warning: in/a.ppm and archive/a again.ppm are equal"))
        #expect(told.error.hasSuffix("\n1 pair remembered as different\n"))
    }

    /// Known to the store still, or no more.
    @Test(arguments: [false, true]) func verdictsOnFilesThatAreGoneAreForgotten(isSynced: Bool) throws {
        #expect(try tool.run("verdict", "s.hashdb", "in/b.ppm", "archive/c.ppm").status == 0)
        try FileManager.default.removeItem(atPath: space.file("archive/c.ppm"))
        var name = "archive/c.ppm"
        if isSynced {
            let synced = try tool.run("ingest", "s.hashdb", "in", "archive", "--sync", "--model", "m.safetensors")
            #expect(synced.status == 0, "\(synced)")
            let unknown = try tool.run("verdict", "s.hashdb", "--forget", "in/b.ppm", name)
            #expect(unknown.status == 1 && unknown.error.contains("--list prints"), "\(unknown)")
            let pair = try tool.run("verdict", "s.hashdb", "--list").lines[0].split(separator: "\t").map(String.init)
            name = try #require(pair.first { !$0.hasSuffix("in/b.ppm") })
        }
        let forgotten = try tool.run("verdict", "s.hashdb", "--forget", "in/b.ppm", name)
        #expect(forgotten.status == 0 && forgotten.error == "1 pair forgotten\n", "\(forgotten)")
        #expect(try tool.run("verdict", "s.hashdb", "--list").output.isEmpty)
    }

    // MARK: What decides nothing

    @Test func directoriesWithoutImagesAreRefused() throws {
        try space.write([], to: "else/where")
        for options in ["--in in --in else", "--between else archive", "--between in else"] {
            let refused = try tool.shell("hashdb duplicates s.hashdb " + options)
            #expect(refused.status == 1 && refused.output.isEmpty && refused.errorLines.count == 1, "\(refused)")
            let expected = "\(space.resolvedPath)/else: s.hashdb knows no images below it; run hashdb ingest before"
            #expect(refused.error.contains(expected), "\(refused)")
        }
        for options in [["else"], ["archive", "--in", "in"]] {
            let refused = try tool.start([Tool.path, "duplicates", "s.hashdb", "--keep-under"] + options).finish()
            #expect(refused.status == 1 && refused.output.isEmpty && refused.errorLines.count == 1, "\(refused)")
            #expect(refused.error.contains("--keep-under \(space.resolvedPath)/\(options[0]): "), "\(refused)")
        }
        // Where nothing is alike, there is nothing to choose, and that is no mistake.
        #expect(try tool.run("duplicates", "s.hashdb", "--in", "in", "--keep-under", "in").status == 0)
    }

    @Test func aRadiusIsRefusedWhereTheTierHasNone() throws {
        for tier in ["same-bytes", "same-pixels"] {
            let refused = try tool.run("duplicates", "s.hashdb", "--tier", tier, "-d", "9")
            #expect(refused.status == 64 && refused.error.contains("--tier \(tier) has none"), "\(refused)")
        }
        let hint = "hashdb ingest s.hashdb DIR --model pdq"
        let refused = try tool.run("duplicates", "s.hashdb", "-d", "9")
        #expect(refused.status == 64 && refused.error.contains("the tier is same-pixels"), "\(refused)")
        #expect(refused.error.contains(hint) && refused.output.isEmpty)
        // The hint is for those who have not chosen.
        #expect(try tool.run("duplicates", "s.hashdb").error.hasSuffix("; for near copies: \(hint), then again\n"))
        #expect(try !tool.run("duplicates", "s.hashdb", "--tier", "same-pixels").error.contains(hint))
        #expect(try tool.run("ingest", "s.hashdb", "in", "archive", "--model", "pdq").status == 0)
        let found = try tool.run("duplicates", "s.hashdb", "-d", "9")
        #expect(found.status == 0 && !found.error.contains(hint), "\(found)")
        #expect(try !tool.run("duplicates", "s.hashdb", "--collection", "default").error.contains(hint))
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
        let returned = found.lines.filter { $0.hasPrefix("# returned: ") }
        #expect(returned.count == 1 && returned[0].hasSuffix("/p/180.ppm"), "\(found.output)")
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
            (["verdict", "s.hashdb", "in/a.ppm", "in/b.ppm", "--json"], 64),
            (["verdict", "s.hashdb", "--json"], 64), (["verdict", "s.hashdb", "--list", "--json", "in/a.ppm"], 64),
        ] as [([String], Int32)])
    func badUseIsRefusedWithOneLine(arguments: [String], status: Int32) throws {
        let result = try tool.shell("hashdb " + arguments.map { "'\($0)'" }.joined(separator: " ") + " < /dev/null")
        #expect(result.status == status && result.errorLines.count == 1)
        #expect(result.error.hasPrefix("hashdb: error: "))
    }
}
