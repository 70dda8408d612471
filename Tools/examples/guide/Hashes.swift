import PerceptualHashes

/// The colours of an image of 640 × 480, a slope.
private let pixels = (0..<480).flatMap { row in
    (0..<640).flatMap { column -> [UInt8] in [UInt8(column / 3), UInt8(row / 2), 128] }
}

func hashes() throws {
    let block = try LumaBlock(pixels, width: 640, height: 480, layout: .rgb)
    print(block.quality)  // 0 to 100
    print(PerceptualHash.pdq.code(of: block).hex)  // 64 digits, as other PDQ tools print them
    print(PerceptualHash.phash.code(of: block))  // 64 bits
    print(PerceptualHash.dhash.code(of: block))  // 64 bits
}

func variants() throws {
    let block = try LumaBlock(pixels, width: 640, height: 480, layout: .rgb)
    let code = PerceptualHash.pdq.code(of: block)  // 256 bits; code.hex is what other PDQ tools print
    let turned = PerceptualHash.pdq.variants(of: block)  // codes of the picture rotated and mirrored
    print(code.bitWidth, turned.count)
}

func rows() throws {
    var reader = RowReader()
    var sampler = try LumaSampler(width: 640, height: 480, layout: .rgb)
    while let rows = reader.nextRows() { try sampler.append(rows: rows) }
    let block = try sampler.finish()
    print(try block == LumaBlock(pixels, width: 640, height: 480, layout: .rgb))
}

/// Sixteen rows at a time.
private struct RowReader {
    private var rest = pixels[...]

    mutating func nextRows() -> [UInt8]? {
        let rows = Array(rest.prefix(16 * 640 * 3))
        rest = rest.dropFirst(rows.count)
        return rows.isEmpty ? nil : rows
    }
}
