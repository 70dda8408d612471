import Foundation
import Testing

@Suite struct IngestTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeModel("m.safetensors")
        try space.writePictures("photos", count: 12)
    }

    func ingest(_ more: String...) throws -> Tool.Result {
        try tool.start([Tool.path, "ingest", "s.hashdb", "photos", "--model", "m.safetensors"] + more).finish()
    }

    /// The paths in the store in the order of ids, relative to the workspace.
    func paths() throws -> [String] {
        try tool.run("dump", "s.hashdb").lines.flatMap { line in
            line.split(separator: "\t").dropFirst(2).map { String($0.dropFirst(space.resolvedPath.count + 1)) }
        }
    }

    @Test func imagesGoInAndEachIsItsOwnNearestNeighbour() throws {
        let result = try ingest()
        #expect(result.status == 0 && result.output.isEmpty)
        #expect(result.errorLines.last?.contains("12 added, 0 changed, 0 unchanged, 0 unreadable") == true)
        #expect(try paths() == (0..<12).map { "photos/0\($0 < 10 ? "0" : "")\($0).ppm" })
        let images = try paths()
        let answers = try tool.start([Tool.path, "query", "s.hashdb"] + images + ["-k", "3", "--json"]).finish()
        #expect(answers.status == 0 && answers.lines.count == 12)
        for (id, line) in answers.lines.enumerated() {
            let line = try QueryLine(line)
            #expect(line.query as? String == images[id])
            #expect(line.matches.first?.id == UInt64(id) && line.matches.first?.distance == 0)
            #expect(line.paths.first == space.resolvedPath + "/" + images[id])
        }
    }

    @Test func theGalleryShowsEveryImageFound() throws {
        #expect(try ingest().status == 0)
        let result = try tool.run("query", "s.hashdb", "photos/004.ppm", "--id", "7", "--html", "page.html")
        #expect(result.status == 64)
        for subject in [["photos/004.ppm"], ["--id", "4"]] {
            let run = try tool.start([Tool.path, "query", "s.hashdb", "-k", "5", "--html", "page.html"] + subject)
                .finish()
            #expect(run.status == 0 && run.lines.count == 7)
            let page = String(decoding: try space.bytes(of: "page.html"), as: UTF8.self)
            #expect(page.hasPrefix("<!DOCTYPE html>"))
            #expect(page.components(separatedBy: "data:image/jpeg;base64,").count - 1 == 6)
        }
        let failed = try tool.run("query", "s.hashdb", "--id", "4", "--html", "no/page.html")
        #expect(failed.status == 1 && failed.errorLines.count == 1 && failed.error.contains("no/page.html"))
    }

    @Test func aSecondRunReadsNothingAgain() throws {
        #expect(try ingest().status == 0)
        let dump = try tool.run("dump", "s.hashdb", "--json").output
        let result = try ingest()
        #expect(result.errorLines.last?.contains("0 added, 0 changed, 12 unchanged, 0 unreadable") == true)
        #expect(try tool.run("dump", "s.hashdb", "--json").output == dump)
    }

    @Test func changedImagesGetTheirNewCodesAndVanishedOnesGoWithSync() throws {
        #expect(try ingest().status == 0)
        try space.writePicture("photos/003.ppm", seed: 999, width: 50)
        try FileManager.default.removeItem(atPath: space.file("photos/005.ppm"))
        let without = try ingest()
        #expect(without.errorLines.last?.contains("0 added, 1 changed, 10 unchanged") == true)
        #expect(try paths().count == 12)
        let with = try ingest("--sync")
        #expect(with.errorLines.last?.contains("0 added, 0 changed, 0 moved, 1 vanished, 11 unchanged") == true)
        #expect(try paths().count == 11 && paths().contains("photos/003.ppm"))
    }

    @Test func theModelIsFoundAgainThroughTheStore() throws {
        #expect(try ingest().status == 0)
        #expect(try tool.run("query", "s.hashdb", "photos/002.ppm", "-k", "1").status == 0)
        #expect(try tool.run("ingest", "s.hashdb", "photos").status == 0)
        try FileManager.default.removeItem(atPath: space.file("m.safetensors"))
        let result = try tool.run("query", "s.hashdb", "photos/002.ppm")
        #expect(result.status == 1 && result.errorLines.count == 1 && result.error.contains("--model"))
    }

    @Test func filesThatAreNoImagesAreNamedAndCounted() throws {
        try space.write(Array("just words, whatever the name says\n".utf8), to: "photos/text.jpg")
        try space.write([], to: "photos/empty.png")
        let result = try ingest()
        #expect(result.status == 0)
        #expect(result.error.contains("text.jpg: ") && result.error.contains("empty.png: empty file"))
        #expect(result.errorLines.last?.contains("12 added, 0 changed, 0 unchanged, 2 unreadable") == true)
        let strict = try ingest("--strict")
        #expect(strict.status == 1)
        #expect(strict.errorLines.last == "hashdb: error: 2 of the files and folders could not be read")
        #expect(try paths().count == 12)
    }

    @Test func strictnessIsAboutListedFilesAndFoldersToo() throws {
        try space.write(Array("photos\nmissing.jpg\ngone/b.jpg\n".utf8), to: "list")
        let command = [Tool.path, "ingest", "s.hashdb", "--files-from", "list", "--model", "m.safetensors"]
        let listed = try tool.start(command + ["--strict"]).finish()
        #expect(listed.status == 1 && listed.errorLines.count == 4, "\(listed)")
        #expect(listed.errorLines.last == "hashdb: error: 2 of the files and folders could not be read")
        #expect(try paths().count == 12)
        #expect(try tool.start(command).finish().status == 0)
    }

    @Test(.enabled(if: geteuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")))
    func foldersThatCannotBeReadAreNotPassedOverStrictly() throws {
        try space.writePicture("photos/shut/a.ppm", seed: 5)
        // Else the superuser reads all.
        let start = geteuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search " : ""
        let line = "chmod 0 photos/shut\n\(start)'\(Tool.path)' ingest s.hashdb photos --model m.safetensors --strict"
        let result = try tool.shell(line + "\nstatus=$?; chmod 700 photos/shut; exit $status")
        #expect(result.status == 1 && result.error.contains("photos/shut: passed over, unreadable"), "\(result)")
        #expect(result.errorLines.last == "hashdb: error: 1 of the files and folders could not be read")
        #expect(try paths().count == 12)
    }

    @Test func severalMayMakeTheStoreAtOnce() throws {
        for round in 0..<5 {
            let command = [Tool.path, "ingest", "r\(round).hashdb", "photos", "--model", "m.safetensors"]
            let runs = try (0..<6).map { _ in try tool.start(command) }
            let results = try runs.map { try $0.finish() }
            for result in results { #expect(result.status == 0, "\(result)") }
            #expect(try tool.run("dump", "r\(round).hashdb").lines.count == 12)
        }
    }

    @Test func theSummaryIsPrintedAsJSON() throws {
        try space.write(Array("just words\n".utf8), to: "photos/text.jpg")
        let one = try ingest("--json")
        #expect(one.status == 0 && one.lines.count == 1 && one.errorLines.count == 1, "\(one)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any])
        #expect(object["collection"] as? String == "default" && object["seconds"] is Double)
        #expect(["added", "changed", "unchanged", "failed"].map { object[$0] as? Int } == [12, 0, 0, 1])
        #expect((object["passed_over"] as? [String: Int])?.isEmpty == true)
        #expect(object["low_quality"] as? Int == 0 && object["interrupted"] as? Bool == false)
        let two = try ingest("--model", "dhash", "--json")
        let all = try JSONSerialization.jsonObject(with: Data(two.output.utf8)) as? [String: [[String: Any]]]
        let collections = try #require(all?["collections"])
        #expect(collections.map { $0["collection"] as? String } == ["default", "dhash"])
        #expect(collections.map { $0["added"] as? Int } == [0, 12])
    }

    @Test func theSummaryInJSONSaysAllThatTheLineDoes() throws {
        try space.write(Array("P5\n60 50\n255\n".utf8) + [UInt8](repeating: 90, count: 3000), to: "few/flat.pgm")
        for name in [".hidden.ppm", "read.me", "to do.txt"] { try space.write([1], to: "few/\(name)") }
        let run = try tool.run("ingest", "q.hashdb", "few", "--model", "pdq", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(object["passed_over"] as? [String: Int] == ["hidden": 1, "not_an_image": 2], "\(run)")
        #expect(object["low_quality"] as? Int == 1 && object["interrupted"] as? Bool == false, "\(run)")
    }

    @Test func whatIsExcludedLaterStays() throws {
        #expect(try ingest().status == 0)
        #expect(try ingest("--sync", "--exclude", "00*").error.contains("0 vanished"))
        #expect(try paths().count == 12)
        let help = try tool.run("ingest", "--help", environment: ["COLUMNS": "400"]).output
        #expect(help.contains("as by a later --exclude"))
    }

    @Test func anotherModelIsNotAskedForItsCodesAndChangesNothingOfOthers() throws {
        #expect(try ingest().status == 0)
        let dump = try tool.run("dump", "s.hashdb", "--json").output
        try space.writeModel("other.safetensors", seed: 2)
        let result = try tool.run("query", "s.hashdb", "photos/001.ppm", "--model", "other.safetensors")
        #expect(result.status == 1 && result.errorLines.count == 1 && result.output.isEmpty)
        #expect(result.error.hasPrefix("hashdb: error: ") && result.error.contains("made by"))
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "other.safetensors").status == 0)
        #expect(try tool.run("dump", "s.hashdb", "--json").output == dump)
    }

    @Test func whatIsMissingOrBrokenIsNamedBeforeAStoreIsMade() throws {
        try space.write(Array("{}".utf8), to: "bad.safetensors")
        for (arguments, text) in [
            (["nowhere", "--model", "m.safetensors"], "nowhere"),
            (["photos", "--model", "none.safetensors"], "none.safetensors"),
            (["photos", "--model", "bad.safetensors"], "bad.safetensors"),
            (["--files-from", "no.list", "--model", "m.safetensors"], "no.list"),
        ] {
            let result = try tool.start([Tool.path, "ingest", "new.hashdb"] + arguments).finish()
            #expect(result.status == 1 && result.errorLines.count == 1 && result.error.contains(text))
            #expect(!space.exists("new.hashdb"))
        }
        #expect(try tool.run("ingest", "new.hashdb").status == 64)
    }

    @Test func queriesThatAreNoImagesAreFailures() throws {
        #expect(try ingest().status == 0)
        try space.write(Array("just words\n".utf8), to: "text.jpg")
        for name in ["text.jpg", "missing.jpg", "photos"] {
            let result = try tool.run("query", "s.hashdb", name, "--json")
            #expect(result.status == 1 && result.errorLines.count == 1 && result.output.isEmpty)
            #expect(result.error.hasPrefix("hashdb: error: \(name): "))
        }
    }

    @Test func imagesThatCannotBeReadLeaveTheOthersTheirAnswers() throws {
        #expect(try ingest().status == 0)
        try space.write(Array("just words\n".utf8), to: "text.jpg")
        let asked = ["photos/003.ppm", "text.jpg", "photos/001.ppm", "missing.jpg", "photos/002.ppm"]
        let query = [Tool.path, "query", "s.hashdb", "-k", "1"] + asked
        for more in [[], ["--variants"]] {
            let result = try tool.start(query + more).finish()
            #expect(result.status == 1 && result.lines.count == 9, "\(result)")
            #expect(result.errorLines.count == 2)
            #expect(result.error.hasPrefix("hashdb: warning: text.jpg: "))
            #expect(result.errorLines.last?.hasPrefix("hashdb: error: missing.jpg: ") == true)
        }
        let lines = try tool.start(query + ["--json", "--html", "page.html"]).finish().lines.map { try QueryLine($0) }
        #expect(lines.map { $0.query as? String } == [asked[0], asked[2], asked[4]])
        #expect(lines.map { $0.matches.map(\.id) } == [[3], [1], [2]])
        let page = String(decoding: try space.bytes(of: "page.html"), as: UTF8.self)
        #expect(page.components(separatedBy: "data:image/jpeg;base64,").count - 1 == 6)
        // Records have the numbers that the images have on the command line.
        let records = try tool.shell("hashdb query s.hashdb -k 1 --records \(asked.joined(separator: " ")) >records")
        #expect(records.status == 1)
        let bytes = try space.bytes(of: "records")
        #expect(bytes.count == 48 && [0, 16, 32].map { bytes[$0] } == [0, 2, 4])
        // Ground truth has an answer to each.
        #expect(try tool.start(query + ["--ground-truth", "gt.bin"]).finish().status == 1)
        #expect(!space.exists("gt.bin"))
    }

    /// Whether the file system takes names that are no text.
    private static let takesAnyName: Bool = {
        let stem = NSTemporaryDirectory() + "EndToEndTests-" + UUID().uuidString
        let name = (Array(stem.utf8) + [0xE9, 0]).map { CChar(truncatingIfNeeded: $0) }
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        unlink(name)
        return true
    }()

    @Test(.enabled(if: IngestTests.takesAnyName)) func namesThatAreNoTextComeThrough() throws {
        try space.writePicture("photos/odd.ppm", seed: 77)
        let move = try tool.shell("mv photos/odd.ppm \"$(printf 'photos/caf\\351.ppm')\"")
        #expect(move.status == 0)
        #expect(try ingest().status == 0)
        let answer = try tool.shell("hashdb query s.hashdb \"$(printf 'photos/caf\\351.ppm')\" -k 1 --json")
        #expect(answer.output.hasPrefix("{\"query\": \"photos/caf\\udce9.ppm\", \"neighbors\": [{"))
        #expect(answer.output.hasSuffix("/photos/caf\\udce9.ppm\"}]}\n"))
    }

    @Test func namesThatAreOneAsTextAreNotConfused() throws {
        // They need not be there.
        let names = #""$(printf 'photos/a\351.ppm')" "$(printf 'photos/a\350.ppm')""#
        for command in ["ingest s.hashdb \(names) --model m.safetensors", "query s.hashdb \(names)"] {
            let result = try tool.shell("hashdb " + command)
            #expect(result.status == 64 && result.errorLines.count == 1, "\(result)")
            #expect(result.error.contains("a\\xE9.ppm and photos/a\\xE8.ppm"), "\(result)")
            #expect(result.error.contains("--files-from"), "\(result)")
        }
        #expect(!space.exists("s.hashdb"))
    }

    @Test func namesOfAnyBytesComeThrough() throws {
        let odd = "quote\" tab\t line\n é.ppm"
        try space.writePicture("photos/\(odd)", seed: 77)
        #expect(try ingest().status == 0)
        let dump = try tool.run("dump", "s.hashdb")
        #expect(dump.lines.count == 13 && dump.output.contains("photos/quote\" tab\\t line\\n é.ppm"))
        let answer = try tool.run("query", "s.hashdb", "photos/\(odd)", "-k", "1", "--json")
        let line = try QueryLine(answer.output)
        #expect(line.query as? String == "photos/\(odd)")
        #expect(line.paths == [space.resolvedPath + "/photos/\(odd)"])
    }
}
