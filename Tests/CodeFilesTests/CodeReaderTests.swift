import CodeFiles
import TestSupport
import Testing

@Suite struct CodeReaderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// All codes of a file, read `limit` at a time.
    func codes(_ path: String, upTo limit: Int = 2) throws -> [UInt8] {
        var reader = try CodeReader(path: path)
        var all: [UInt8] = []
        while let bytes = try reader.next(upTo: limit) { all += bytes }
        return all
    }

    func message(_ bytes: [UInt8]) throws -> String {
        let path = try folder.write(bytes)
        do {
            _ = try codes(path)
            return "no error"
        } catch let error as CodeFileError {
            let text = error.description
            #expect(text.hasPrefix(path + ": "))
            #expect(!text.contains("\n"))
            return text
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func readsEveryVersionOfTheFormat(version: UInt8) throws {
        let data = (0..<12).map { UInt8($0) }
        let path = try folder.write(npy(headerText("|u1", "(4, 3)"), version: version, data: data))
        let reader = try CodeReader(path: path)
        #expect(reader.count == 4 && reader.codeBytes == 3 && reader.bitWidth == 24)
        #expect(try codes(path) == data)
        #expect(try codes(path, upTo: 100) == data)
    }

    @Test func acceptsKeysInAnyOrderAndPythonTwoIntegers() throws {
        let text = #"{"shape":(2L,1L),"fortran_order":False,"descr":"|u1"}"#
        #expect(try codes(folder.write(npy(text, data: [7, 8]))) == [7, 8])
    }

    @Test func readsNoCodesFromAnEmptyArray() throws {
        #expect(try codes(folder.write(npy(headerText("|u1", "(0, 8)")))).isEmpty)
    }

    @Test func namesWhatIsWrong() throws {
        let good = npy(headerText("|u1", "(4, 3)"), data: [UInt8](repeating: 0, count: 12))
        #expect(try message([]).contains("magic"))
        #expect(try message(Array("PK\u{3}\u{4} an archive, say".utf8)).contains("magic"))
        #expect(try message(Array(good.prefix(7))).contains("within its header"))
        #expect(try message(Array(good.prefix(30))).contains("within its header"))
        #expect(try message(good.dropLast()).contains("promises 12 bytes of data and 11 are there"))
        #expect(try message(good + [0]).contains("more bytes follow"))
        #expect(try message(npy(headerText("|u1", "(4, 3)", fortran: true))).contains("Fortran order"))
        #expect(try message(npy(headerText("<f4", "(4, 3)"))).contains("'<f4'"))
        #expect(try message(npy(headerText("|u1", "(12,)"))).contains("(12,)"))
        #expect(try message(npy(headerText("|u1", "()"))).contains("()"))
        #expect(try message(npy(headerText("|u1", "(4, 129)"))).contains("129 bytes"))
        #expect(try message(npy(headerText("|u1", "(4, 0)"))).contains("0 bytes"))
    }

    @Test func refusesShapesOutOfReason() throws {
        #expect(try message(npy(headerText("|u1", "(1152921504606846976, 128)"))).contains("out of reason"))
        #expect(try message(npy(headerText("|u1", "(99999999999999999999, 8)"))).contains("out of reason"))
        #expect(try message(npy(headerText("|u1", "(4611686018427387904, 1)"))).contains("truncated"))
        #expect(try message([0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255]).contains("out of reason"))
    }

    @Test func refusesHeadersThatBreakTheFormat() throws {
        let texts = [
            "", "{", "{}", "[]", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (1, 1)}", "{'descr': '|u1, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)} ()",
            "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)}",
            "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), 'more': 1}",
        ]
        for text in texts {
            #expect(try message(npy(text, data: [0])).contains("not a readable .npy file"), "\(text)")
        }
    }

    @Test func survivesAnyBytes() throws {
        var generator = SplitMix64(seed: 42)
        let good = npy(headerText("|u1", "(4, 3)"), data: [UInt8](repeating: 0, count: 12))
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let path = try folder.write(bytes)
            do { _ = try codes(path) } catch is CodeFileError {}
        }
    }

    @Test func missingFilesAndFoldersAreErrorsThatNameThem() throws {
        for path in [folder.file("missing.npy"), folder.path] {
            let error = #expect(throws: CodeFileError.self) { try codes(path) }
            #expect(error?.description.hasPrefix(path + ": ") == true)
        }
    }
}
