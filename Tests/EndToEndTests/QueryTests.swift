import Foundation
import HashDB
import Testing

@Suite struct QueryTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    /// A store of `count` codes.
    func store(count: Int = 2000, bits: Int = 64) throws -> [BinaryCode] {
        let codes = try space.writeCodes("c.npy", count: count, bits: bits)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        return codes
    }

    @Test(arguments: [(8, 300), (48, 1000), (64, 2000), (256, 500)])
    func answersAreThoseOfBruteForceUnderEveryPlan(bits: Int, count: Int) throws {
        let codes = try store(count: count, bits: bits)
        let queries = try space.writeCodes("q.npy", count: 20, bits: bits, seed: 9) + codes.prefix(1)
        for plan in ["auto", "probe", "scan"] {
            let result = try tool.run("query", "s.hashdb", "--codes", "q.npy", "-k", "7", "--json", "--plan", plan)
            #expect(result.status == 0 && result.error.isEmpty && result.lines.count == 20)
            for (row, line) in result.lines.enumerated() {
                let line = try QueryLine(line)
                #expect(line.query as? Int == row)
                #expect(line.matches == nearest(to: queries[row], count: 7, among: codes))
            }
        }
    }

    @Test func onlyWhatTheIdsAllowIsFound() throws {
        let codes = try store()
        try space.writeIDs("some.npy", [5, 900, 17, 5, 999_999])
        let query = { (option: String, file: String) in
            try tool.run(
                "query", "s.hashdb", "--hex", codes[0].hex, "-k", "2000", "--json", option, file)
        }
        let all = nearest(to: codes[0], count: codes.count, among: codes)
        let only = try QueryLine(try query("--only-ids", "some.npy").output)
        #expect(only.matches == all.filter { [5, 17, 900].contains($0.id) })
        let others = try QueryLine(try query("--exclude-ids", "some.npy").output)
        #expect(others.matches == all.filter { ![5, 17, 900].contains($0.id) })
        #expect(try query("--only-ids", "c.npy").status == 1)
        let both = try tool.run(
            "query", "s.hashdb", "--id", "1", "--exclude-ids", "some.npy", "--only-ids", "some.npy")
        #expect(both.status == 64 && both.error.contains("not both"))
    }

    @Test func explainSaysWhatWasPlannedAndDone() throws {
        let codes = try store(count: 6000)
        let plain = try tool.run("query", "s.hashdb", "--hex", codes[3].hex, "--explain", "--plan", "probe", "-k", "1")
        #expect(plain.output.contains("segment 1: 6,000 rows"))
        #expect(plain.output.contains("probed   1 steps, 1 buckets"))
        let far = try tool.run("query", "s.hashdb", "--hex", codes[3].hex, "--explain", "--radius", "40", "--json")
        let line = try #require(
            try JSONSerialization.jsonObject(with: Data(far.output.utf8)) as? [String: Any])
        let parts = try #require(line["explanation"] as? [[String: Any]])
        #expect(parts.count == 1 && parts[0]["scanned"] as? Int == 6000 && parts[0]["expected_reach"] as? Int == 40)
    }

    @Test func radiusFindsAllWithinItInOrder() throws {
        let codes = try store()
        for radius in [0, 1, 20, 64, 1000] {
            let hex = codes[5].hex
            let result = try tool.run("query", "s.hashdb", "--hex", hex, "--radius", "\(radius)", "--json")
            let line = try QueryLine(result.output)
            #expect(line.query as? String == hex)
            let expected = nearest(to: codes[5], count: codes.count, among: codes).filter { $0.distance <= radius }
            #expect(line.matches == expected)
        }
    }

    @Test func jsonHasExactlyTheDocumentedForm() throws {
        try space.write([], to: "unused")
        let codes = try store(count: 1)
        let hex = codes[0].hex
        let byHex = try tool.run("query", "s.hashdb", "--hex", hex, "--json")
        #expect(byHex.output == "{\"query\": \"\(hex)\", \"neighbors\": [{\"id\": 0, \"distance\": 0}]}\n")
        let byID = try tool.run("query", "s.hashdb", "--id", "0", "--json")
        #expect(byID.output == "{\"query\": 0, \"neighbors\": [{\"id\": 0, \"distance\": 0}]}\n")
        let byRow = try tool.run("query", "s.hashdb", "--codes", "c.npy", "--json")
        #expect(byRow.output == byID.output)
    }

    @Test func asksForTenNeighboursUnlessTold() throws {
        _ = try store()
        #expect(try QueryLine(tool.run("query", "s.hashdb", "--id", "3", "--json").output).matches.count == 10)
        let all = try tool.run("query", "s.hashdb", "--id", "3", "--json", "-k", "5000")
        #expect(try QueryLine(all.output).matches.count == 2000)
    }

    @Test func severalQueriesAreAnsweredInTheirOrder() throws {
        _ = try store()
        let result = try tool.run("query", "s.hashdb", "--id", "9", "--id", "2", "--id", "9", "-k", "1", "--json")
        #expect(try result.lines.map { try QueryLine($0).matches } == [9, 2, 9].map { [Match(id: $0, distance: 0)] })
    }

    @Test func timingIsTheLastLineOfStandardError() throws {
        _ = try store()
        let result = try tool.run("query", "s.hashdb", "--codes", "c.npy", "--timing", "--json")
        #expect(result.status == 0 && result.lines.count == 2000)
        let line = try #require(result.errorLines.last)
        let names = ["queries", "median_us", "p99_us", "mean_us"]
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double])
        #expect(Set(object.keys) == Set(names))
        #expect(object["queries"] == 2000)
        #expect(names.dropFirst().allSatisfy { object[$0].map { $0 > 0 && $0 < 1e7 } == true })
    }

    @Test func manyQueriesAtOnceAreAnsweredAsOneByOne() throws {
        _ = try store(count: 6000)
        try space.writeCodes("q.npy", count: 150, bits: 64, seed: 5)
        for search in [["-k", "1"], ["-k", "5000"], ["--radius", "22"]] {
            for form in [[], ["--json"]] {
                let command = [Tool.path, "query", "s.hashdb", "--codes", "q.npy"] + search + form
                let batch = try tool.start(command).finish()
                let single = try tool.start(command + ["--timing"]).finish()
                #expect(batch.status == 0 && batch.error.isEmpty && !batch.output.isEmpty)
                #expect(batch.output == single.output)
            }
        }
    }

    /// They are as of the moment at which the query began, though a store of as many commits takes the place of everything meanwhile.
    @Test func manyQueriesAreNotAnsweredFromWhatReplacesEverything() throws {
        let codes = try store(count: 300)
        try space.writeCodes("other.npy", count: 300, bits: 64, seed: 2)
        let line = "hashdb import o.hashdb other.npy && hashdb record o.hashdb && hashdb ship o.hashdb > all"
        #expect(try tool.shell(line).status == 0)
        let stored = try Store.open(at: space.file("s.hashdb"))
        let number = try stored.read { $0.commitNumber }

        let bytes = try space.bytes(of: "c.npy")
        let start = bytes.count - 8 * codes.count
        #expect(mkfifo(space.file("pipe.npy"), 0o600) == 0)
        let query = try tool.start([Tool.path, "query", "s.hashdb", "--codes", "pipe.npy", "-k", "1", "--json"])
        // Where the tool has ended before its time, what it said is to be told.
        signal(SIGPIPE, SIG_IGN)
        let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: space.file("pipe.npy")))
        try pipe.write(contentsOf: Data(bytes[..<start]))
        // Within its snapshot it waits for the codes.
        try query.wait(until: { (try? stored.read { try $0.statistics().readers }) == 2 })
        #expect(try tool.shell("hashdb receive s.hashdb --replace < all").status == 0)
        #expect(try stored.read { $0.commitNumber } == number)
        try pipe.write(contentsOf: Data(bytes[start...]))
        try pipe.close()
        let result = try query.finish()
        #expect(result.status == 0 && result.error.isEmpty)
        let answers = try result.lines.map { try QueryLine($0).matches }
        #expect(answers == codes.indices.map { [Match(id: UInt64($0), distance: 0)] })
    }

    @Test func theTableNamesQueryIDAndDistance() throws {
        _ = try store()
        let lines = try tool.run("query", "s.hashdb", "--id", "17", "-k", "2").lines
        #expect(lines.count == 4 && lines[0] == "id 17")
        #expect(lines[1].split(separator: " ") == ["distance", "id"])
        #expect(lines[2].split(separator: " ") == ["0", "17"])
    }

    @Test func filesOfTheSameContentAreCountedBehindATab() throws {
        try space.writePictures("photos", count: 2)
        for name in ["a.ppm", "b.ppm"] { try space.write(try space.bytes(of: "photos/001.ppm"), to: "photos/\(name)") }
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "dhash").status == 0)
        let lines = try tool.run("query", "s.hashdb", "photos/001.ppm").lines
        let first = try #require(lines.dropFirst(2).first).components(separatedBy: "\t")
        #expect(first.count == 2 && first[0].hasSuffix("  \(space.resolvedPath)/photos/001.ppm"), "\(lines)")
        #expect(first.last == "(+2 more)", "\(lines)")
        #expect(lines.last?.hasSuffix("/photos/000.ppm") == true, "\(lines)")
        let answer = try tool.run("query", "s.hashdb", "photos/001.ppm", "-k", "1", "--json").output
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let neighbor = try #require((object?["neighbors"] as? [[String: Any]])?.first)
        #expect((neighbor["paths"] as? [String])?.count == 3)
    }

    @Test func aReaderThatHasEnoughEndsTheToolQuietly() throws {
        _ = try store()
        let result = try tool.shell(
            "{ hashdb query s.hashdb --codes c.npy -k 50 --json; echo $? >status; } | head -n 1")
        #expect(result.lines.count == 1 && result.error.isEmpty)
        #expect(try String(decoding: space.bytes(of: "status"), as: UTF8.self) == "0\n")
        let dump = try tool.shell("hashdb dump s.hashdb | head -n 3")
        #expect(dump.lines.count == 3 && dump.error.isEmpty)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func standardOutputThatIsFullIsAFailure() throws {
        _ = try store()
        for command in ["dump s.hashdb", "--version", "help query"] {
            let result = try tool.shell("hashdb \(command) >/dev/full")
            #expect(result.status == 1 && result.errorLines.count == 1, "\(command)")
            #expect(result.error.hasPrefix("hashdb: error: standard output: "), "\(command)")
        }
    }

    @Test func numbersDoNotDependOnTheLocale() throws {
        _ = try store()
        let plain = try tool.run("stats", "s.hashdb")
        #expect(plain.status == 0 && plain.lines.contains("items       2,000"), "\(plain)")
        // The system need not have the other locale.
        guard let locale = newlocale(1 << LC_NUMERIC, "de_DE.UTF-8", nil) else { return }
        freelocale(locale)
        let german = try tool.run("stats", "s.hashdb", environment: ["LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"])
        #expect(plain.output == german.output)
    }
}
