import CodeFiles
import TestSupport
import Testing

/// Whatever columns a text is written with, they are taken for what they are.
@Suite struct ColumnTests {
    /// All columns and orders that have the code.
    static let choices: [[CodeColumn]] = [
        [.code], [.id, .code], [.code, .id], [.name, .code], [.code, .name], [.id, .code, .name], [.id, .name, .code],
        [.code, .id, .name], [.code, .name, .id], [.name, .id, .code], [.name, .code, .id],
    ]

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Ids and names that read as codes, in hexadecimal and in bits, to begin with.
    private static let ids: [[UInt64]] = [[18, 4096], [1, 5], [11, 10]]
    private static let names = [["cafe", "18"], ["c", ""], ["0101010101010101", "11"], ["a b,\"c", "id"]]

    @Test(arguments: CodeFormat.allCases.filter(\.isText), choices)
    func everyChoiceOfColumnsComesBack(format: CodeFormat, columns: [CodeColumn]) throws {
        let path = folder.file("f." + format.suffixes[0])
        let wide = try CodeLayout(bitCount: 16, order: .msb)
        let narrow = try CodeLayout(bitCount: 4, order: .msb, padding: .left)
        let samples: [(CodeLayout, [UInt8])] = [(wide, [0xca, 0xfe, 0x01, 0xab]), (narrow, [0x0c, 0x01])]
        for (layout, codes) in samples {
            func create() throws -> any CodeSink {
                try CodeFile.create(path, count: 2, layout: layout, columns: columns)
            }
            if format == .hex, columns != [.code], columns != [.code, .name] {
                let error = #expect(throws: CodeFileError.self) { try create() }
                #expect(error?.description.contains("choose the columns code or code,name") == true)
                #expect(folder.names.isEmpty)
                continue
            }
            var options = CodeFileOptions()
            options.bitOrder = layout.order
            options.padding = layout.padding
            for ids in Self.ids {
                for texts in Self.names {
                    let names = texts.map { Array($0.utf8) }
                    let sink = try create()
                    try sink.append(CodeBatch(packedCodes: codes, ids: ids, names: names))
                    try sink.finish()
                    let expected = CodeBatch(
                        packedCodes: codes, ids: columns.contains(.id) ? ids : nil,
                        names: columns.contains(.name) ? names : nil)
                    let text = try folder.text(of: "f." + format.suffixes[0])
                    #expect(try contents(path, options) == expected, Comment(rawValue: text))
                }
            }
        }
    }

    @Test func aLineOfNamesIsWrittenOnlyWhereItIsNeeded() throws {
        func text(_ format: CodeFormat, _ columns: [CodeColumn]) throws -> String {
            let name = "f." + format.suffixes[0]
            let layout = try CodeLayout(bitCount: 8, order: .msb)
            let sink = try CodeFile.create(folder.file(name), count: 1, layout: layout, columns: columns)
            try sink.append(CodeBatch(packedCodes: [0x0f], ids: [7], names: [Array("x".utf8)]))
            try sink.finish()
            return try folder.text(of: name)
        }
        #expect(try text(.tsv, [.name, .code]) == "x\t0f\n")
        #expect(try text(.tsv, [.id, .code, .name]) == "7\t0f\tx\n")
        #expect(try text(.tsv, [.id, .code]) == "id\tcode\n7\t0f\n")
        #expect(try text(.bits, [.id, .code]) == "7\t00001111\n")
        #expect(try text(.bits, [.name, .code]) == "name\tcode\nx\t00001111\n")
        // A list for other programs.
        #expect(try text(.tsv, [.id]) == "7\n")
    }
}
