import CodeFiles
import Foundation
import HashDB
import TestSupport
import Testing

/// What bytes files have, fixed by hand or made by the programs whose formats they are.
@Suite struct GoldenFormatTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let batch = CodeBatch(
        packedCodes: [0x01, 0xab, 0xff, 0x00], ids: [7, 1 << 40], names: [Array("a,\"b\".jpg".utf8), []])

    private func written(_ format: CodeFormat, columns: [CodeColumn]? = nil) throws -> [UInt8] {
        let layout = try CodeLayout(bitCount: 16, order: .msb)
        let sink = try CodeFile.create(
            folder.file("f." + format.suffixes[0]), count: 2, layout: layout, columns: columns)
        try sink.append(Self.batch)
        try sink.finish()
        return try folder.bytes(of: "f." + format.suffixes[0])
    }

    private func text(_ format: CodeFormat, columns: [CodeColumn]? = nil) throws -> String {
        String(decoding: try written(format, columns: columns), as: UTF8.self)
    }

    @Test func textsAreWrittenAsDocumented() throws {
        #expect(try text(.hex) == "01ab,a,\"b\".jpg\nff00\n")
        #expect(try text(.hex, columns: [.code]) == "01ab\nff00\n")
        #expect(try text(.tsv) == "a,\"b\".jpg\t01ab\n\tff00\n")
        #expect(try text(.csv) == "id,code,name\n7,01ab,\"a,\"\"b\"\".jpg\"\n1099511627776,ff00,\n")
        let object = #"{"id": 7, "code": "01ab", "name": "a,\"b\".jpg"}"#
        #expect(try text(.jsonl) == object + "\n{\"id\": 1099511627776, \"code\": \"ff00\"}\n")
        #expect(try text(.bits) == "0000000110101011\n1111111100000000\n")
        #expect(try text(.bits, columns: [.id, .code]) == "7\t0000000110101011\n1099511627776\t1111111100000000\n")
    }

    @Test func binaryFilesAreWrittenAsDocumented() throws {
        #expect(try written(.u8bin) == [2, 0, 0, 0, 2, 0, 0, 0, 0x01, 0xab, 0xff, 0x00])
        #expect(try written(.bvecs) == [2, 0, 0, 0, 0x01, 0xab, 2, 0, 0, 0, 0xff, 0x00])
        let records: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xab, 0, 0, 0, 0, 0, 1, 0, 0, 0xff, 0x00]
        #expect(try written(.records) == [2, 0, 0, 0] + records + [0, 0, 0, 0])
    }

    @Test func readsAnArchiveThatPythonDeflated() throws {
        let archive = """
            UEsDBBQAAAAIAAAAIQAFRSEQTgAAAJgAAAAJAAAAY29kZXMubnB5m+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJ\
            BakAvkaJjoKZpo6CrUKZAMuBhhghAEmMAAAUEsDBBQAAAAIAAAAIQD8ZTm3UAAAAKAAAAAHAAAAaWRzLm5weZvsF+obEMnIUMZQrZ6SWpxcpG6loG5TaqGuo6\
            Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC5mBghghNIsUHo+lAYAUEsBAhQDFAAAAAgAAAAhAAVFIRBOAAAAmAAAAAkAAAAAAAAAAAA\
            AAIABAAAAAGNvZGVzLm5weVBLAQIUAxQAAAAIAAAAIQD8ZTm3UAAAAKAAAAAHAAAAAAAAAAAAAACAAXUAAABpZHMubnB5UEsFBgAAAAACAAIAbAAAAOoAAAAA\
            AA==
            """
        let path = try folder.write(Array(try #require(Data(base64Encoded: archive))), to: "a.npz")
        let expected = CodeBatch(packedCodes: (0..<24).map { $0 / 9 }, ids: [3, 1, 4, 159])
        #expect(try contents(path) == expected)
    }

    @Test func readsFlatIndexesOfFaissAndTheirMaps() throws {
        func head(_ kind: String) -> [UInt8] {
            Array(kind.utf8) + [16, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]
        }
        let flat = head("IBxF") + [4, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xab, 0xff, 0x00]
        let ids: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
        let codes = Self.batch.packedCodes
        // Known by its first bytes, whatever its name.
        #expect(try contents(folder.write(flat, to: "f.index")) == CodeBatch(packedCodes: codes))
        for kind in ["IBMp", "IBM2"] {
            let path = try folder.write(head(kind) + flat + ids, to: "f.faiss")
            #expect(try contents(path) == CodeBatch(packedCodes: codes, ids: [7, 1 << 40]))
        }
        let other = try folder.write(head("IBwF") + flat, to: "ivf.index")
        let error = #expect(throws: CodeFileError.self) { try contents(other) }
        #expect(error?.description.contains("IndexBinaryIVF") == true)
    }

    @Test func readsArraysOfNumPyOfEveryKind() throws {
        func codes(_ type: String, _ shape: String, _ data: [UInt8], fortran: Bool = false) throws -> [UInt8] {
            try contents(folder.write(npy(headerText(type, shape, fortran: fortran), data: data))).packedCodes
        }
        #expect(try codes("|i1", "(2, 2)", [0x80, 0, 0x7f, 0xff]) == [0, 0x80, 0xff, 0x7f])
        #expect(try codes("|b1", "(2, 3)", [1, 0, 1, 0, 0, 1]) == [0b1010_0000, 0b0010_0000])
        #expect(try codes("<u4", "(2,)", [1, 2, 3, 4, 5, 6, 7, 8]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try codes(">u4", "(2,)", [1, 2, 3, 4, 5, 6, 7, 8]) == [4, 3, 2, 1, 8, 7, 6, 5])
        #expect(try codes(">u2", "(1, 2)", [1, 2, 3, 4]) == [2, 1, 4, 3])
        #expect(try codes("|u1", "(2, 3)", [1, 4, 2, 5, 3, 6], fortran: true) == [1, 2, 3, 4, 5, 6])
        #expect(try codes("<u2", "(2, 2)", [1, 2, 5, 6, 3, 4, 7, 8], fortran: true) == [1, 2, 3, 4, 5, 6, 7, 8])
        for (type, shape) in [("|O", "(1, 8)"), ("<f4", "(1, 8)"), ("|u1", "(8,)"), ("<u8", "()")] {
            #expect(throws: CodeFileError.self) { try codes(type, shape, [UInt8](repeating: 0, count: 64)) }
        }
    }
}
