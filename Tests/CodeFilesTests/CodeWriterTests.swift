import CodeFiles
import TestSupport
import Testing

@Suite struct CodeWriterTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func writesWhatNumPyWrites() throws {
        var writer = try CodeWriter(path: folder.file("a.npy"), count: 2, bitWidth: 16)
        try writer.append([1, 2, 3, 4])
        try writer.finish()
        // numpy.save of numpy.array([[1, 2], [3, 4]], dtype=numpy.uint8)
        let text = headerText("|u1", "(2, 2)")
        let padded = text + String(repeating: " ", count: 128 - 10 - 1 - text.utf8.count)
        #expect(try folder.bytes(of: "a.npy") == npy(padded, data: [1, 2, 3, 4]))
    }

    @Test func anUnfinishedFileLeavesTheOldOneInPlace() throws {
        let path = try folder.write([9], to: "a.npy")
        do {
            var writer = try CodeWriter(path: path, count: 2, bitWidth: 8)
            try writer.append([1])
        }
        #expect(try folder.bytes(of: "a.npy") == [9])
        #expect(folder.names == ["a.npy"])
    }

    @Test func anotherNumberOfCodesThanWasAnnouncedIsAnError() throws {
        let path = folder.file("a.npy")
        let error = #expect(throws: CodeFileError.self) {
            var writer = try CodeWriter(path: path, count: 2, bitWidth: 8)
            try writer.append([1, 2, 3])
        }
        #expect(error?.description.contains("more data") == true)
        #expect(throws: CodeFileError.self) {
            var writer = try CodeWriter(path: path, count: 2, bitWidth: 8)
            try writer.append([1])
            try writer.finish()
        }
        #expect(folder.names.isEmpty)
    }

    @Test func aFolderThatIsNotThereIsAnErrorThatNamesTheFile() throws {
        let path = folder.file("no/a.npy")
        let error = #expect(throws: CodeFileError.self) { _ = try CodeWriter(path: path, count: 1, bitWidth: 8) }
        #expect(error?.description.hasPrefix(path + ": ") == true)
    }
}

@Suite struct JSONValueTests {
    @Test func printsMembersInOrderOnOneLine() {
        let value: JSONValue = [
            "query": "a\"\\\n\u{1}é", "list": [.integer(-1), .unsigned(.max), .bool(true), .null], "x": .number(1.5),
        ]
        let expected = #"{"query": "a\"\\\n\u0001é", "list": [-1, 18446744073709551615, true, null], "x": 1.5}"#
        #expect(value.description == expected)
    }

    @Test func bytesThatAreNoTextStayApart() {
        let name = Array("é/\"x".utf8) + [0xff, 0xc3, 0x41, 0xe2, 0x82]
        #expect(JSONValue.text(name).description == #""é/\"x\udcff\udcc3A\udce2\udc82""#)
    }

    @Test func printsNumbersThatJSONCannotExpressAsNull() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).description == "[null, null]")
    }
}
