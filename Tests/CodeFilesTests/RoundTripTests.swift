import CodeFiles
import HashDB
import TestSupport
import Testing

@Suite struct RoundTripTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    static let writable = CodeFormat.allCases.filter(\.isWritable)

    @Test(arguments: writable) func everyFormatGivesBackWhatWasWritten(format: CodeFormat) throws {
        for (index, layout) in Samples.layouts.enumerated() {
            let samples = Samples(layout, count: 1 + index * 3, seed: UInt64(index))
            let path = folder.file("\(index).\(format.suffixes[0])")
            let sink = try CodeFile.create(path, count: 1 + index * 3, layout: layout)
            try sink.append(samples.batch)
            try sink.finish()
            let found = try contents(path, samples.options)
            #expect(found.packedCodes == samples.batch.packedCodes, "\(format), \(layout)")
            switch format {
            case .npz, .records: #expect(found.ids == samples.batch.ids)
            case .csv, .jsonl: #expect(found.ids == samples.batch.ids && found.names == samples.batch.names)
            case .hex, .tsv: #expect(found.names == samples.batch.names)
            default: #expect(found.ids == nil && found.names == nil)
            }
        }
    }

    @Test(arguments: writable) func noCodesMakeAFileThatHoldsNone(format: CodeFormat) throws {
        let path = folder.file("none." + format.suffixes[0])
        try CodeFile.create(path, count: 0, layout: CodeLayout(bitCount: 64)).finish()
        var options = CodeFileOptions()
        if format == .records { options.bitCount = 64 }
        // Formats in which only codes tell their width say so.
        if format.isText || format == .bvecs {
            #expect(throws: CodeFileError.self) { try contents(path) }
        } else {
            #expect(try contents(path, options).packedCodes.isEmpty)
        }
    }

    /// Programs that use the library do not have the flags of the tool.
    @Test func errorsNameWhatIsMissingAndNoFlags() throws {
        let unnamed = #expect(throws: CodeFileError.self) {
            try CodeFile.create(folder.file("codes"), count: 0, layout: CodeLayout(bitCount: 64))
        }
        #expect(unnamed?.description.hasSuffix("or name the format") == true)
        let path = try folder.write([0, 0, 0, 0], to: "a.records")
        let widthless = #expect(throws: CodeFileError.self) { try CodeFile.open(path) }
        #expect(widthless?.description.hasSuffix("give the number of bits") == true)
    }

    @Test func layoutsAreConvertedBitByBit() throws {
        var quick = Store.Options()
        quick.synchronous = false
        for from in Samples.layouts {
            for to in Samples.layouts where to.bitCount == from.bitCount {
                let samples = Samples(from, count: 3)
                let store = try Store.create(at: folder.file("s"), bitWidth: to.storedWidth, options: quick)
                defer { folder.remove("s") }
                let path = folder.file("c.npy")
                let sink = try CodeFile.create(path, count: 3, layout: from)
                try sink.append(samples.batch)
                try sink.finish()
                try store.write { try $0.setCodeLayout(to) }
                // A store that has codes keeps its layout.
                try store.write { try $0.insert(9, code: BinaryCode(zeros: to.storedWidth)) }
                _ = try CodeImport(codes: path, options: samples.options).run(into: store)
                var options = CodeFileOptions()
                options.format = .bits
                _ = try store.read { try $0.exportCodes(to: folder.file("t"), options: options) }
                let lines = try folder.text(of: "t").split(separator: "\n").map(String.init)
                #expect(Array(lines.dropFirst()) == (0..<3).map { samples.digits($0) }, "\(from) to \(to)")
            }
        }
    }

    @Test func aStoreOfTextsGoesThroughCSVAndJSONUnchanged() throws {
        let layout = try CodeLayout(bitCount: 36, order: .msb, padding: .left)
        var samples = Samples(layout, count: 40_000)
        samples.batch.ids = samples.batch.ids?.enumerated().map { UInt64($0.offset) << 20 | $0.element & 0xfffff }
        samples.batch.names?[7] = Array("line\nend\t\"quoted\",\r\n,\r".utf8) + [0xff, 0xc3, 0x41]
        for format in [CodeFormat.csv, .jsonl] {
            let path = folder.file("a." + format.rawValue)
            let sink = try CodeFile.create(path, count: 40_000, layout: layout)
            try sink.append(samples.batch)
            try sink.finish()
            let file = try CodeImport(codes: path)
            #expect(file.layout == layout && file.bitWidth == 40)
            let store = try Store.create(at: folder.file(format.rawValue + ".hashdb"), bitWidth: 40)
            let summary = try file.run(into: store)
            #expect(summary.count == 40_000 && summary.nameCount == 32_000)
            _ = try store.read { try $0.exportCodes(to: folder.file("b." + format.rawValue)) }
            #expect(try folder.bytes(of: "a." + format.rawValue) == folder.bytes(of: "b." + format.rawValue))
            #expect(try store.read { try $0.codeLayout } == layout)
        }
    }
}
