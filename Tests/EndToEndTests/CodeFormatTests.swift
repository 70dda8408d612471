import CodeFiles
import Foundation
import HashDB
import Testing

/// Codes come and go in the formats that other programs have.
@Suite struct CodeFormatTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    @Test func listsComeFromStandardInputAndGoToStandardOutput() throws {
        let list = "00ff00ff00ff00ff,a/b.jpg\n00ff00ff00ff00fe,c d.jpg\n"
        try space.write(Array(list.utf8), to: "list")
        let result = try tool.shell("cat list | hashdb import s.hashdb -")
        #expect(result.status == 0, "\(result)")
        #expect(result.error == "imported 2 codes with 2 texts (ids 0 to 1) into s.hashdb\n")
        #expect(try tool.run("export", "s.hashdb", "-").output == list)
        #expect(try tool.run("dump", "s.hashdb").lines[1] == "1\t00ff00ff00ff00fe\tc d.jpg")
        let answer = try tool.run("query", "s.hashdb", "--hex", "00ff00ff00ff00fe", "--json")
        #expect(answer.output.contains(#"{"id": 1, "distance": 0, "name": "c d.jpg"}"#))
        #expect(try tool.run("query", "s.hashdb", "--id", "0").output.contains("name\n         0   0  a/b.jpg\n"))
    }

    @Test func whatDumpPrintsCanBeImported() throws {
        try space.write(Array("aa00,x\nbb00,y z\n".utf8), to: "list")
        #expect(try tool.run("import", "a.hashdb", "list").status == 0)
        #expect(try tool.shell("hashdb dump a.hashdb --json | hashdb import b.hashdb -").status == 0)
        #expect(try tool.shell("hashdb dump a.hashdb | hashdb import c.hashdb -").status == 0)
        for store in ["b.hashdb", "c.hashdb"] {
            #expect(try tool.run("dump", store).output == tool.run("dump", "a.hashdb").output)
        }
    }

    private let table = "number,title,hash,other\n7,seven,00ff,01f0\n5,\"five, or so\",0ff0,0380\n"

    @Test(arguments: [["other", "title", "number"], ["4", "2", "1"]])
    func columnsOfATableAreChosen(columns: [String]) throws {
        try space.write(Array(table.utf8), to: "t.csv")
        let result = try tool.run(
            "import", "s.hashdb", "t.csv", "--code-column", columns[0], "--name-column", columns[1], "--id-column",
            columns[2])
        #expect(result.status == 0, "\(result)")
        #expect(try tool.run("dump", "s.hashdb").lines == ["5\t0380\tfive, or so", "7\t01f0\tseven"])
        let wrong = try tool.run("import", "n.hashdb", "t.csv", "--code-column", "none")
        #expect(wrong.status == 1 && wrong.error.contains("no column is named 'none'"), "\(wrong)")
        #expect(!space.exists("n.hashdb"))
    }

    @Test func columnsAndTheOrderOfBitsOfAnExportAreChosen() throws {
        try space.write(Array(table.utf8), to: "t.csv")
        let options = ["--code-column", "other", "--name-column", "title", "--id-column", "number"]
        let made = try tool.start([Tool.path, "import", "s.hashdb", "t.csv", "--bit-order", "msb"] + options).finish()
        #expect(made.status == 0, "\(made)")
        func export(_ more: String...) throws -> Tool.Result {
            try tool.start([Tool.path, "export", "s.hashdb", "-"] + more).finish()
        }
        let named = try export("--format", "csv", "--columns", "name,code,id")
        #expect(named.lines == ["name,code,id", "\"five, or so\",0380,5", "seven,01f0,7"], "\(named)")
        #expect(try export("--format", "tsv", "--columns", "id").lines == ["5", "7"])
        #expect(try export("--columns", "id,id").status == 64)
        #expect(try export("--columns", "code", "--bit-order", "msb").lines == ["0380", "01f0"])
        #expect(try export("--columns", "code", "--bit-order", "lsb").lines == ["c001", "800f"])
    }

    @Test(arguments: ["csv", "tsv", "jsonl", "bits"]) func chosenColumnsAreReadAsWhatTheyAre(format: String) throws {
        try space.write(Array("id,code,name\n18,01ab,cafe\n4096,ff00,x\n".utf8), to: "list.csv")
        #expect(try tool.run("import", "s.hashdb", "list.csv", "--bit-order", "msb").status == 0)
        for columns in ["id,code", "code,id", "code,id,name", "name,id,code"] {
            let path = "\(columns).\(format)"
            #expect(try tool.run("export", "s.hashdb", path, "--columns", columns).status == 0)
            #expect(try tool.run("import", "\(columns).hashdb", path).status == 0)
            let hasNames = columns.contains("name")
            let expected = ["18\t01ab" + (hasNames ? "\tcafe" : ""), "4096\tff00" + (hasNames ? "\tx" : "")]
            let dump = try tool.run("dump", "\(columns).hashdb").lines
            #expect(dump == expected, "\(columns)")
        }
        let hex = try tool.run("export", "s.hashdb", "o.hex", "--columns", "id,code")
        #expect(hex.status == 1 && hex.error.contains("choose the columns code or code,name"), "\(hex)")
        #expect(!space.exists("o.hex"))
    }

    @Test(arguments: ["npz", "u8bin", "bvecs", "records", "hex", "csv", "tsv", "jsonl", "bits"])
    func everyFormatGivesTheSameStore(format: String) throws {
        try space.writeCodes("c.npy", count: 20_000, bits: 64)
        #expect(try tool.run("import", "a.hashdb", "c.npy").status == 0)
        #expect(try tool.run("export", "a.hashdb", "c.\(format)").status == 0)
        let order = ["--bit-order", "lsb", "--bits", "64"]
        let result = try tool.start([Tool.path, "import", "b.hashdb", "c.\(format)"] + order).finish()
        #expect(result.status == 0, "\(result)")
        #expect(try tool.run("export", "b.hashdb", "d.npy").status == 0)
        #expect(try space.bytes(of: "d.npy") == space.bytes(of: "c.npy"))
        // And as queries: each code is at distance 0 from itself.
        let answers = try tool.start(
            [Tool.path, "query", "a.hashdb", "--codes", "c.\(format)", "-k", "1", "--json"] + order
        )
        .finish()
        #expect(answers.lines.count == 20_000 && answers.lines.allSatisfy { $0.contains("\"distance\": 0}") })
    }

    @Test(arguments: [
        ["-k", "3"], ["--radius", "20"], ["-k", "5", "--exclude-ids", "ids.npy"], ["-k", "2", "--threads", "1"],
    ])
    func recordsSayWhatTextSays(search: [String]) throws {
        try space.writeCodes("c.npy", count: 3000, bits: 64)
        try space.writeCodes("q.npy", count: 100, bits: 64, seed: 2)
        try space.writeIDs("ids.npy", Array(0..<1000))
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let query = "hashdb query s.hashdb --codes q.npy \(search.joined(separator: " "))"
        #expect(try tool.shell(query + " --records >records").status == 0)
        let bytes = try space.bytes(of: "records")
        func number(at offset: Int, bytes count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
        }
        let records = stride(from: 0, to: bytes.count, by: 16).map {
            [number(at: $0, bytes: 4), number(at: $0 + 4, bytes: 4), number(at: $0 + 8, bytes: 8)]
        }
        var expected: [[UInt64]] = []
        for (row, line) in try tool.shell(query + " --json").lines.enumerated() {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
            expected += answer.neighbors.map { [UInt64(row), $0.distance, $0.id] }
        }
        #expect(!expected.isEmpty && records == expected)
        #expect(try tool.shell(query + " --records --json").status == 64)
    }

    private struct Answer: Decodable {
        struct Neighbor: Decodable {
            let id: UInt64
            let distance: UInt64
        }
        let neighbors: [Neighbor]
    }

    @Test func aStreamOfRecordsThatIsCutOffLeavesNoStore() throws {
        try space.writeCodes("c.npy", count: 50_000, bits: 64)
        #expect(try tool.run("import", "a.hashdb", "c.npy").status == 0)
        #expect(try tool.run("export", "a.hashdb", "c.records").status == 0)
        let cut = try tool.shell("head -c 700000 c.records | hashdb import b.hashdb - --format records --bits 64")
        #expect(cut.status == 1 && cut.errorLines.count == 1 && cut.error.contains("cut off after"), "\(cut)")
        #expect(!space.exists("b.hashdb") && !space.exists("b.hashdb-lock"))
        let whole = try tool.shell("cat c.records | hashdb import b.hashdb - --format records --bits 64")
        #expect(whole.status == 0)
        #expect(try tool.run("dump", "b.hashdb").output == tool.run("dump", "a.hashdb").output)
    }

    @Test func anImageHashOfOddWidthKeepsIt() throws {
        // Seven digits: 28 bits, of which imagehash fills up 3 for a hash of 5 by 5.
        try space.write(Array("1ffffff\n0000001\n".utf8), to: "list")
        #expect(try tool.run("import", "s.hashdb", "list", "--bits", "25").status == 0)
        #expect(try tool.run("export", "s.hashdb", "-").output == "1ffffff\n0000001\n")
        let bits = try tool.run("export", "s.hashdb", "-", "--format", "bits").lines
        #expect(bits == [String(repeating: "1", count: 25), String(repeating: "0", count: 24) + "1"])
        let right = try tool.run("export", "s.hashdb", "-", "--padding", "right").lines
        #expect(right == ["ffffff80", "00000080"])
        let stats = try tool.run("stats", "s.hashdb").output
        #expect(stats.contains("25 bits, msb first, padded left"), "\(stats)")
    }

    @Test func groundTruthIsWrittenAndCompared() throws {
        try space.writeCodes("c.npy", count: 500, bits: 64)
        try space.writeCodes("q.npy", count: 20, bits: 64, seed: 2)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        for search in [["-k", "5"], ["--radius", "24"]] {
            let ask = [Tool.path, "query", "s.hashdb", "--codes", "q.npy"] + search
            let written = try tool.start(ask + ["--ground-truth", "gt.bin"]).finish()
            #expect(written.status == 0 && written.output.isEmpty, "\(written)")
            let compared = try tool.start(ask + ["--expect", "gt.bin"]).finish()
            #expect(compared.status == 0 && compared.error == "20 of 20 answers agree with gt.bin\n", "\(compared)")
        }
        // Not all queries of the file: the first of these.
        try space.writeCodes("q1.npy", count: 1, bits: 64, seed: 2)
        let first = try tool.run("query", "s.hashdb", "--codes", "q1.npy", "--radius", "24", "--expect", "gt.bin")
        #expect(first.status == 1 && first.errorLines.first == "1 of 1 answers agree with gt.bin", "\(first)")
        #expect(first.error.contains("gt.bin: holds 20 queries, and 1 were asked"), "\(first)")
        #expect(try tool.run("delete", "s.hashdb", "1", "2", "3", "4", "5", "6", "7", "8", "9").status == 0)
        let changed = try tool.run("query", "s.hashdb", "--codes", "q.npy", "--radius", "24", "--expect", "gt.bin")
        #expect(changed.status == 1 && changed.error.contains("differs"), "\(changed)")
    }

    @Test func anAnswerThatIsMissingDiffersFromTheGroundTruth() throws {
        let codes = try space.writeCodes("c.npy", count: 20, bits: 64)
        let query = try space.writeCodes("q.npy", count: 1, bits: 64, seed: 2)[0]
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        func ask(_ k: Int, _ option: String) throws -> Tool.Result {
            try tool.run("query", "s.hashdb", "--codes", "q.npy", "-k", "\(k)", option, "gt.bin")
        }
        #expect(try ask(20, "--ground-truth").status == 0)
        #expect(try ask(20, "--expect").status == 0 && ask(7, "--expect").status == 0)
        let farthest = try #require(nearest(to: query, count: 20, among: codes).last)
        #expect(try tool.run("delete", "s.hashdb", "\(farthest.id)").status == 0)
        let changed = try ask(20, "--expect")
        #expect(changed.status == 1 && changed.error.contains("the answer to query 0 differs"), "\(changed)")
        #expect(try ask(19, "--expect").status == 0)
    }

    @Test func badLinesAreNamed() throws {
        try space.write(Array("00ff\n\n0ff\n".utf8), to: "list")
        let result = try tool.run("import", "s.hashdb", "list")
        #expect(result.status == 1)
        #expect(result.error == "hashdb: error: list: line 3: '0ff' has 3 digits and the first code 4\n")
    }

    @Test func imagesAreTakenAsTheListOfFormatsSays() throws {
        let images = try tool.run("formats").lines.dropFirst().prefix { $0 != "Codes:" }
        var counts = (taken: 0, passedOver: 0)
        for line in images {
            let isForeign = line.contains("hashdb does not read it")
            for word in line.split(separator: " ") where word.hasPrefix(".") {
                try space.write([1], to: "photos/a" + word)
                if isForeign { counts.passedOver += 1 } else { counts.taken += 1 }
            }
        }
        for ending in [".jfif", ".hif", ".bmp", ".jp2"] { #expect(space.exists("photos/a" + ending)) }
        try space.write([1], to: "photos/a.pfm")
        let result = try tool.run("ingest", "s.hashdb", "photos", "--model", "dhash")
        let summary = try #require(result.errorLines.last)
        #expect(summary.contains(" \(counts.taken) unreadable"), "\(summary)")
        #expect(summary.contains("\(counts.passedOver) of formats that are not read"), "\(summary)")
        #expect(summary.contains("1 not an image"), "\(summary)")
    }

    @Test func formatsAndVersionsAreNamed() throws {
        let formats = try tool.run("formats")
        #expect(formats.status == 0 && formats.output.contains("jpeg          read         .jpg"))
        let json =
            try JSONSerialization.jsonObject(with: Data(tool.run("formats", "--json").output.utf8)) as? [String: Any]
        #expect((json?["codes"] as? [Any])?.count == CodeFormat.allCases.count)
        let version = try tool.run("--version").lines
        #expect(version.prefix(2) == ["hashdb 0.1.0", "store format \(Store.formatVersion)"])
    }
}
