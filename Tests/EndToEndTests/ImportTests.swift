import CodeFiles
import HashDB
import Testing

@Suite struct ImportTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    @Test func createsTheStoreAndNumbersTheRows() throws {
        let codes = try space.writeCodes("c.npy", count: 100, bits: 64)
        let result = try tool.run("import", "s.hashdb", "c.npy")
        #expect(result.status == 0 && result.output.isEmpty)
        let expected = codes.enumerated().map { "\($0.offset)\t\($0.element.hex)" }
        #expect(try tool.run("dump", "s.hashdb").lines == expected)
    }

    @Test func numbersGoOnFromTheLargestID() throws {
        try space.writeCodes("c.npy", count: 3, bits: 16)
        try space.writeIDs("i.npy", [5, 1000, 7])
        #expect(try tool.run("import", "s.hashdb", "c.npy", "--ids", "i.npy").status == 0)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let ids = try tool.run("dump", "s.hashdb").lines.map { $0.split(separator: "\t")[0] }
        #expect(ids == ["5", "7", "1000", "1001", "1002", "1003"])
    }

    @Test func idsUseAllSixtyFourBits() throws {
        let codes = try space.writeCodes("c.npy", count: 2, bits: 16)
        try space.writeIDs("i.npy", [UInt64.max - 1, 1 << 63])
        #expect(try tool.run("import", "s.hashdb", "c.npy", "--ids", "i.npy").status == 0)
        let answer = try tool.run("query", "s.hashdb", "--hex", codes[0].hex, "-k", "1", "--json")
        #expect(try QueryLine(answer.output).matches == [Match(id: .max - 1, distance: 0)])
        #expect(answer.output.contains("\"id\": 18446744073709551614, \"distance\": 0"))
    }

    @Test func importingAnIDAgainReplacesItsCode() throws {
        try space.writeCodes("a.npy", count: 4, bits: 32, seed: 1)
        let codes = try space.writeCodes("b.npy", count: 4, bits: 32, seed: 2)
        try space.writeIDs("i.npy", [0, 1, 2, 3])
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        #expect(try tool.run("import", "s.hashdb", "b.npy", "--ids", "i.npy").status == 0)
        #expect(try tool.run("dump", "s.hashdb").lines == codes.enumerated().map { "\($0.offset)\t\($0.element.hex)" })
    }

    @Test(arguments: [8, 24, 1024])
    func exportGivesBackWhatWasImported(bits: Int) throws {
        try space.writeCodes("c.npy", count: 20_000, bits: bits)
        #expect(try tool.run("import", "s.hashdb", "c.npy", "--bits", "\(bits)").status == 0)
        #expect(try tool.run("export", "s.hashdb", "out.npy", "--ids", "ids.npy").status == 0)
        #expect(try space.bytes(of: "out.npy") == space.bytes(of: "c.npy"))
        var reader = try IDReader(path: space.file("ids.npy"))
        #expect(try reader.next(upTo: 100_000) == (0..<20_000).map { UInt64($0) })
    }

    @Test func exportStreamsIntoAPipe() throws {
        try space.writeCodes("c.npy", count: 50, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        #expect(
            try tool.shell("hashdb export s.hashdb /dev/stdout --format npy 2>/dev/null | cat >piped.npy").status == 0)
        #expect(try space.bytes(of: "piped.npy") == space.bytes(of: "c.npy"))
    }

    @Test(arguments: ["export s.hashdb - --format hex", "export s.hashdb - --format npy", "dump s.hashdb"])
    func aReaderThatHasSeenEnoughEndsItQuietly(command: String) throws {
        try space.writeCodes("c.npy", count: 50_000, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let result = try tool.shell("{ hashdb \(command); echo $? >status; } | head -c 5 >/dev/null")
        #expect(result.error.isEmpty, "\(result)")
        #expect(try space.bytes(of: "status") == Array("0\n".utf8))
    }

    @Test func aCollectionOfImagesTakesNoForeignCodes() throws {
        try space.writePictures("photos", count: 4)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq").status == 0)
        #expect(try tool.run("export", "s.hashdb", "c.csv").status == 0)
        let dump = try tool.run("dump", "s.hashdb", "--json").output
        for more in [[], ["--collection", "default"]] {
            let refused = try tool.start([Tool.path, "import", "s.hashdb", "c.csv"] + more).finish()
            #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused)")
            #expect(refused.error.contains("s.hashdb: collection default has the codes of pdq/1"), "\(refused)")
            #expect(refused.error.contains("--collection"), "\(refused)")
            #expect(try tool.run("dump", "s.hashdb", "--json").output == dump)
        }
        for _ in 0..<2 {
            #expect(try tool.run("import", "s.hashdb", "c.csv", "--collection", "theirs").status == 0)
            #expect(try tool.run("dump", "s.hashdb", "--collection", "theirs").lines.count == 4)
        }
        #expect(try tool.run("dump", "s.hashdb", "--json").output == dump)
    }

    @Test func importReadsFromAPipe() throws {
        try space.writeCodes("c.npy", count: 50, bits: 64)
        #expect(try tool.shell("cat c.npy | hashdb import s.hashdb /dev/stdin").status == 0)
        #expect(try tool.run("dump", "s.hashdb").lines.count == 50)
    }

    @Test func anEmptyFileMakesAnEmptyStore() throws {
        try space.writeCodes("c.npy", count: 0, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let answer = try tool.run("query", "s.hashdb", "--hex", "0000000000000000", "--json")
        #expect(answer.output == "{\"query\": \"0000000000000000\", \"neighbors\": []}\n")
    }
}
