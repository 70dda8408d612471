import CodeFiles
import HashDB
import TestSupport

/// Codes and what goes with them, made from a seed.
struct Samples {
    var layout: CodeLayout
    var batch: CodeBatch

    /// Random codes of a layout, their filling zero, with ids in no order and with texts that every format can say.
    init(_ layout: CodeLayout, count: Int, seed: UInt64 = 1) {
        var generator = SplitMix64(seed: seed)
        self.layout = layout
        batch = CodeBatch(packedCodes: [], ids: [], names: [])
        for index in 0..<count {
            batch.packedCodes += (0..<layout.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for bit in 0..<8 * layout.byteCount where !isMeant(bit) {
                batch.packedCodes[index * layout.byteCount + bit / 8] &= ~mask(bit)
            }
            batch.ids?.append(generator.next() >> UInt64.random(in: 0..<64, using: &generator))
            batch.names?.append(Array((index % 5 == 4 ? "" : "Ordner/Bild \(index) ä,;\"#'.jpg").utf8))
        }
    }

    /// By the definition of a layout: position `bit` counts from the first bit of the first byte.
    private func isMeant(_ bit: Int) -> Bool {
        let filling = 8 * layout.byteCount - layout.bitCount
        return layout.padding == .left ? bit >= filling : bit < layout.bitCount
    }

    private func mask(_ bit: Int) -> UInt8 { layout.order == .msb ? 0x80 >> UInt8(bit % 8) : 1 << UInt8(bit % 8) }

    /// The bits of a code as text, by the definition.
    func digits(_ index: Int) -> String {
        (0..<8 * layout.byteCount).filter(isMeant).map {
            batch.packedCodes[index * layout.byteCount + $0 / 8] & mask($0) == 0 ? "0" : "1"
        }.joined()
    }

    /// What is to be known to read them back.
    var options: CodeFileOptions {
        var options = CodeFileOptions()
        options.bitCount = layout.bitCount
        options.bitOrder = layout.order
        options.padding = layout.padding
        return options
    }

    /// A file of nine codes of 24 bits in any format, and what is to be known to read it.
    static func nine(in folder: TemporaryFolder, _ format: CodeFormat) throws -> (path: String, CodeFileOptions) {
        let layout = try CodeLayout(bitCount: 24)
        let samples = Samples(layout, count: 9)
        let name = "good." + format.suffixes[0]
        var options = CodeFileOptions()
        if format == .records { options.bitCount = 24 }
        guard format.isWritable else {
            let head: [UInt8] = [24, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]
            let flat = Array("IBxF".utf8) + head + [27, 0, 0, 0, 0, 0, 0, 0] + samples.batch.packedCodes
            let ids = [9, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 1, count: 72)
            return (try folder.write(Array("IBMp".utf8) + head + flat + ids, to: name), options)
        }
        let sink = try CodeFile.create(folder.file(name), count: 9, layout: layout)
        try sink.append(samples.batch)
        try sink.finish()
        return (folder.file(name), options)
    }

    /// Layouts of all kinds.
    static let layouts: [CodeLayout] = [1, 8, 12, 13, 61, 64, 256, 1023, 1024].flatMap { bits in
        BitOrder.allCases.flatMap { order in
            BitPadding.allCases.map { padding -> CodeLayout in
                do {
                    return try CodeLayout(bitCount: bits, order: order, padding: padding)
                } catch {
                    fatalError("\(error)")
                }
            }
        }
    }
}

/// All that a file holds.
func contents(_ path: String, _ options: CodeFileOptions = CodeFileOptions(), upTo limit: Int = 7) throws -> CodeBatch {
    let source = try CodeFile.open(path, options: options)
    var all = CodeBatch(packedCodes: [])
    var count = 0
    while let batch = try source.next(upTo: limit) {
        let rows = batch.packedCodes.count / source.layout.byteCount
        all.packedCodes += batch.packedCodes
        if let ids = batch.ids { all.ids = (all.ids ?? []) + ids }
        if batch.names != nil || all.names != nil {
            let none = [[UInt8]](repeating: [], count: all.names == nil ? count : 0)
            all.names = (all.names ?? none) + (batch.names ?? Array(repeating: [], count: rows))
        }
        count += rows
    }
    return all
}
