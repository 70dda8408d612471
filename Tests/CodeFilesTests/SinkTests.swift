import CodeFiles
import HashDB
import TestSupport
import Testing

/// What is handed over to be written may not add up.
@Suite struct SinkTests {
    let folder: TemporaryFolder
    let layout: CodeLayout

    init() throws {
        folder = try TemporaryFolder()
        layout = try CodeLayout(bitCount: 24, order: .msb)
    }

    private func sink(_ format: CodeFormat, count: Int, _ columns: [CodeColumn]? = nil) throws -> any CodeSink {
        try CodeFile.create(folder.file("f." + format.suffixes[0]), count: count, layout: layout, columns: columns)
    }

    private static let name = Array("x".utf8)

    private static let bad = [
        CodeBatch(packedCodes: [1, 2, 3, 4], ids: [1]), CodeBatch(packedCodes: [1, 2], ids: []),
        CodeBatch(packedCodes: [1, 2, 3], ids: []), CodeBatch(packedCodes: [1, 2, 3], ids: [1, 2]),
        CodeBatch(packedCodes: [], ids: [1]), CodeBatch(packedCodes: [1, 2, 3], ids: [1], names: []),
        CodeBatch(packedCodes: [1, 2, 3], ids: [1], names: [name, name]),
    ]

    @Test(arguments: RoundTripTests.writable) func batchesThatDoNotAddUpLeaveNothing(format: CodeFormat) throws {
        let sink = try sink(format, count: 2)
        for bad in Self.bad {
            let error = #expect(throws: CodeFileError.self, "\(bad)") { try sink.append(bad) }
            #expect(error?.description.contains("cannot be written: there are ") == true)
        }
        try sink.append(CodeBatch(packedCodes: [1, 2, 3, 4, 5, 6], ids: [7, 8], names: [Self.name, Self.name]))
        try sink.append(CodeBatch(packedCodes: [], ids: [], names: []))
        try sink.finish()
        var options = CodeFileOptions()
        if format == .records { options.bitCount = 24 }
        let found = try contents(folder.file("f." + format.suffixes[0]), options)
        #expect(found.packedCodes == [1, 2, 3, 4, 5, 6] && found.ids ?? [7, 8] == [7, 8])
    }

    @Test func idsAreNeededWhereTheFileCannotDoWithoutThem() throws {
        let nameless = CodeBatch(packedCodes: [1, 2, 3])
        for (format, columns) in [(.records, nil), (.csv, nil), (.tsv, [.id, .code])] as [(CodeFormat, [CodeColumn]?)] {
            let sink = try sink(format, count: 1, columns)
            #expect(throws: CodeFileError.self, "\(format)") { try sink.append(nameless) }
        }
        for format in [CodeFormat.npy, .npz, .u8bin, .bvecs, .hex, .jsonl, .bits] {
            let sink = try sink(format, count: 1)
            try sink.append(nameless)
            try sink.finish()
            #expect(try contents(folder.file("f." + format.suffixes[0])) == nameless, "\(format)")
        }
    }

    @Test(arguments: [CodeFormat.npy, .npz, .u8bin]) func headsTellTheTruth(format: CodeFormat) throws {
        for count in [0, 1, 3] {
            #expect(throws: CodeFileError.self) {
                let sink = try sink(format, count: count)
                try sink.append(CodeBatch(packedCodes: [1, 2, 3, 4, 5, 6], ids: [7, 8]))
                try sink.finish()
            }
        }
        #expect(throws: CodeFileError.self) { try sink(format, count: -1) }
        #expect(throws: CodeFileError.self) { try sink(format, count: .max).finish() }
        #expect(folder.names.isEmpty)
    }

    @Test func idsOfSomeCodesAreNoArray() throws {
        let sink = try sink(.npz, count: 2)
        try sink.append(CodeBatch(packedCodes: [1, 2, 3], ids: [7]))
        try sink.append(CodeBatch(packedCodes: [1, 2, 3]))
        let error = #expect(throws: CodeFileError.self) { try sink.finish() }
        #expect(error?.description.contains("2 codes with 1 ids") == true)
    }

    @Test(arguments: RoundTripTests.writable) func nothingComesAfterTheEnd(format: CodeFormat) throws {
        let sink = try sink(format, count: 1)
        let batch = CodeBatch(packedCodes: [1, 2, 3], ids: [7])
        try sink.append(batch)
        try sink.finish()
        let bytes = try folder.bytes(of: "f." + format.suffixes[0])
        #expect(throws: CodeFileError.self) { try sink.append(batch) }
        #expect(try folder.bytes(of: "f." + format.suffixes[0]) == bytes)
    }

    @Test func numbersThatNoArrayHasAreRefused() throws {
        let path = folder.file("a.npy")
        for count in [-1, Int.min, .max, .max / 8 + 1] {
            #expect(throws: CodeFileError.self) { _ = try IDWriter(path: path, count: count) }
            #expect(throws: CodeFileError.self) { _ = try CodeWriter(path: path, count: count, bitWidth: 64) }
        }
        for width in [0, -8, 7, 12, 1032, .max] {
            #expect(throws: HashDBError.self) { _ = try CodeWriter(path: path, count: 1, bitWidth: width) }
        }
        #expect(folder.names.isEmpty)
    }

    @Test func headersThatCannotBeReadBackAreNotMade() throws {
        #expect(try NPYHeader(elementType: "<u8", shape: [3]).bytes.count == 128)
        for header in [
            NPYHeader(elementType: "|u1", shape: [Int](repeating: 1, count: 40_000)),
            NPYHeader(elementType: "|u1", shape: [-1, 8]), NPYHeader(elementType: "a'b", shape: [1]),
        ] {
            let error = #expect(throws: CodeFileError.self) { try header.bytes }
            #expect(error?.description.contains("\n") == false)
        }
    }
}
