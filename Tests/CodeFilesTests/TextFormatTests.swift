import CodeFiles
import HashDB
import TestSupport
import Testing

@Suite struct TextFormatTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(
        _ text: String, _ name: String = "a.txt", _ change: (inout CodeFileOptions) -> Void = { _ in }
    ) throws -> CodeBatch {
        var options = CodeFileOptions()
        change(&options)
        return try contents(folder.write(Array(text.utf8), to: name), options)
    }

    private func codes(_ codes: [UInt8], ids: [UInt64]? = nil, names: [String]? = nil) -> CodeBatch {
        CodeBatch(packedCodes: codes, ids: ids, names: names?.map { Array($0.utf8) })
    }

    private func message(
        _ text: String, _ name: String = "a.txt", _ change: (inout CodeFileOptions) -> Void = { _ in }
    ) throws -> String {
        let error = #expect(throws: CodeFileError.self) { try read(text, name, change) }
        let message = error?.description ?? ""
        #expect(message.hasPrefix(folder.file(name) + ": ") && !message.contains("\n"))
        return message
    }

    @Test func hexadecimalListsOfAllKinds() throws {
        #expect(try read("01ab\nFF00\n") == codes([1, 0xab, 0xff, 0]))
        #expect(try read("\u{feff}01ab\r\n\r\n# remark\r\nff00") == codes([1, 0xab, 0xff, 0]))
        #expect(try read("hash=01ab,from, a list\nff00\n") == codes([1, 0xab, 0xff, 0], names: ["from, a list", ""]))
        #expect(try read("pdq 01ab\npdq ff00\n") == codes([1, 0xab, 0xff, 0]))
        #expect(try read("0x01ab,a b.jpg\n") == codes([1, 0xab], names: ["a b.jpg"]))
    }

    @Test func numbersOfOddWidthAreFilledAtTheLeft() throws {
        #expect(try read("1ab\n") == codes([0x01, 0xab]))
        #expect(try read("1ab\n") { $0.padding = .right } == codes([0x1a, 0xb0]))
        #expect(try read("0001ab\n") { $0.bitCount = 21 } == codes([0, 0x01, 0xab]))
        #expect(try message("ff01ab\n") { $0.bitCount = 21 }.contains("more bits than 21 bits, msb first, padded left"))
        #expect(try message("01ab\n") { $0.bitCount = 21 }.contains("a code of 21 bits has 6"))
    }

    @Test func tablesWithTabs() throws {
        #expect(try read("a/b c.jpg\t01ab\n") == codes([1, 0xab], names: ["a/b c.jpg"]))
        #expect(try read("01ab\tx\nff00\ty\n") == codes([1, 0xab, 0xff, 0], names: ["x", "y"]))
        #expect(try read("5\t01ab\tx\n9\tff00\n") == codes([1, 0xab, 0xff, 0], ids: [5, 9], names: ["x", ""]))
        #expect(try read("path\tphash\nx\t01ab\n") == codes([1, 0xab], names: ["x"]))
    }

    @Test func tablesWithCommas() throws {
        #expect(try read("01ab,x y\n", "a.csv") == codes([1, 0xab], names: ["x y"]))
        #expect(try read("x,01ab\n", "a.csv") == codes([1, 0xab], names: ["x"]))
        let quoted = "path,pdq,quality\n\"a \"\"b\"\",\nc\",01ab,90\nd,ff00,80\n"
        #expect(try read(quoted) == codes([1, 0xab, 0xff, 0], names: ["a \"b\",\nc", "d"]))
        let chosen = try read("n,q,h\n3,x,01ab\n") {
            $0.codeColumn = "h"
            $0.idColumn = "n"
            $0.nameColumn = "q"
        }
        #expect(chosen == codes([1, 0xab], ids: [3], names: ["x"]))
        // vPDQ: frame, quality, code, time.
        let frames = try read("0,100,01ab,0.0\n1,90,ff00,1.0\n") {
            $0.format = .csv
            $0.codeColumn = "3"
            $0.nameColumn = "4"
        }
        #expect(frames == codes([1, 0xab, 0xff, 0], names: ["0.0", "1.0"]))
    }

    @Test func linesOfJSON() throws {
        let lines = #"""
            {"id": 18446744073709551615, "code": "01ab", "path": "é\/\ud83d\ude00\n\udcff", "more": [1, {"code": "x"}]}
            {"code": "ff00", "id": 1, "path": null}

            """#
        let found = try read(lines)
        #expect(found.ids == [.max, 1] && found.packedCodes == [1, 0xab, 0xff, 0])
        #expect(found.names == [Array("é/😀\n".utf8) + [0xff], []])
        let chosen = try read(#"{"phash": "01ab", "url": "u"}"#) {
            $0.codeColumn = "phash"
            $0.nameColumn = "url"
        }
        #expect(chosen == codes([1, 0xab], names: ["u"]))
        #expect(try message(#"{"code": "01ab", "x": 1, "x": 2}"#).contains("two members of one name"))
        #expect(try message(#"{"code": "01ab", "id": 1e3}"#).contains("'1000.0' is no id"))
        #expect(try message("{\"code\": \"01ab\"}\n[\"01ab\"]\n").contains("line 2: not a JSON object"))
    }

    @Test func digitsOfBits() throws {
        #expect(try read("00000001\n10000000\n", "a.bits") == codes([1, 0x80]))
        #expect(try read("0000000101\n", "a.bits") == codes([1, 0x40]))
        #expect(try read("0000000101\n", "a.bits") { $0.bitOrder = .lsb } == codes([0x80, 2]))
        // A table that a database has copied out.
        #expect(try read("7\t0101\n8\t1111\n", "a.bits") == codes([0x50, 0xf0], ids: [7, 8]))
    }

    @Test func whatIsWrongIsNamedWithItsLine() throws {
        #expect(try message("01ab\n\nff0\n").contains("line 3: 'ff0' has 3 digits and the first code 4"))
        #expect(try message("01ab\nxx00\n").contains("line 2: 'xx00' is no code"))
        #expect(try message("").contains("holds no codes"))
        #expect(try message("zz\n").contains("line 1"))
        #expect(try message("x\t01ab\ny\n").contains("line 2: has 1 columns, and the code is in column 2"))
        #expect(try message("h,n\n01ab,5\n", "a.csv") { $0.codeColumn = "x" }.contains("'x'; there are h, n"))
        // A name of a column may have any bytes.
        let names = "h,\"n\n\u{1b}[2J\"," + String(repeating: "z", count: 9000) + "\n01ab,5\n"
        let long = try message(names, "a.csv") { $0.codeColumn = "x" }
        #expect(long.contains("there are h, n  [2J, zzz") && long.count < 400)
        #expect(try message("01ab,\"x\n", "a.csv").contains("line 1: a quotation mark without its end"))
        #expect(try message("01ab,\"x\"y\n", "a.csv").contains("after a closing quotation mark"))
        #expect(try message("{\"code\": \"01ab\"}\n{\"code\": 3}\n").contains("line 2: no string named 'code'"))
        #expect(try message("{\"code\": \"01ab\"\n").contains("line 1: not a JSON object"))
        #expect(try message(#"{"code": "01ab", "id": -1}"#).contains("'-1' is no id"))
        #expect(try message("0102\n", "a.bits").contains("its digits must be 0 or 1"))
        #expect(try message(String(repeating: "0", count: 2000)).contains("1 to 1024"))
        let deep = #"{"code": "01ab", "x": "# + String(repeating: "[", count: 5000) + "\n"
        #expect(try message(deep).contains("too deep"))
        #expect(try message(String(repeating: "0", count: 3 << 20)).contains("longer than"))
        #expect(try message("01ab\n") { $0.bitCount = 5000 }.contains("would have 5000 bits"))
    }

    @Test func textsThatAFormatCannotSayAreErrors() throws {
        let layout = try CodeLayout(bitCount: 8)
        for format in [CodeFormat.hex, .tsv] {
            let sink = try CodeFile.create(folder.file("x." + format.rawValue), count: 1, layout: layout)
            let error = #expect(throws: CodeFileError.self) {
                try sink.append(CodeBatch(packedCodes: [1], ids: [5], names: [Array("a\nb".utf8)]))
            }
            #expect(error?.description.contains("beside id 5, 'a b'") == true)
        }
        #expect(throws: CodeFileError.self) { try CodeFile.create(folder.file("x.dat"), count: 0, layout: layout) }
        #expect(throws: CodeFileError.self) { try CodeFile.create(folder.file("x.faiss"), count: 0, layout: layout) }
        #expect(throws: CodeFileError.self) {
            try CodeFile.create(folder.file("x.npy"), count: 0, layout: layout, columns: [.id])
        }
    }
}
