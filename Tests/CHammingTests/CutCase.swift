import CHamming
import Testing

/// A way to cut codes, and what HashDB would lay out by it, made naively.
struct CutCase: CustomTestStringConvertible, Sendable {
    let bitWidth: Int
    let substrings: Int
    let bits: Int

    /// Every size of entries, with bits left out between the substrings and without.
    static let all = [
        CutCase(bitWidth: 8, substrings: 1, bits: 8), CutCase(bitWidth: 16, substrings: 1, bits: 9),
        CutCase(bitWidth: 24, substrings: 3, bits: 8), CutCase(bitWidth: 32, substrings: 3, bits: 5),
        CutCase(bitWidth: 48, substrings: 4, bits: 5), CutCase(bitWidth: 64, substrings: 4, bits: 6),
        CutCase(bitWidth: 56, substrings: 4, bits: 9), CutCase(bitWidth: 64, substrings: 3, bits: 16),
        CutCase(bitWidth: 72, substrings: 3, bits: 5), CutCase(bitWidth: 104, substrings: 3, bits: 7),
        CutCase(bitWidth: 128, substrings: 3, bits: 5), CutCase(bitWidth: 136, substrings: 9, bits: 15),
        CutCase(bitWidth: 256, substrings: 4, bits: 5),
        CutCase(bitWidth: 320, substrings: 16, bits: 4), CutCase(bitWidth: 1024, substrings: 3, bits: 5),
    ]

    var testDescription: String { "\(substrings) substrings of \(bits) of \(bitWidth) bits" }
    var stride: Int { bitWidth <= 32 ? 4 : (bitWidth + 63) / 64 * 8 }
    private var spacing: Int { bitWidth / substrings }

    var cut: hamming_cut {
        var cut = hamming_cut()
        cut.code_bits = UInt32(bitWidth)
        cut.stride = UInt32(stride)
        cut.count = UInt32(substrings)
        cut.bits = UInt32(bits)
        cut.entry_bytes = hamming_entry_bytes(UInt32(bitWidth), UInt32(bits))
        cut.complete = bitWidth <= 128 ? 1 : 0
        withUnsafeMutableBytes(of: &cut.start) { starts in
            for j in 0..<substrings {
                starts.storeBytes(of: UInt32(j * spacing), toByteOffset: 4 * j, as: UInt32.self)
            }
        }
        return cut
    }

    /// Clears what is past the width of every code.
    func trim(_ codes: inout [UInt8], _ query: inout hamming_query) {
        for i in codes.indices where i % stride >= bitWidth / 8 { codes[i] = 0 }
        withUnsafeMutableBytes(of: &query.code) { code in
            for i in bitWidth / 8..<stride { code[i] = 0 }
        }
    }

    private func bit(_ code: ArraySlice<UInt8>, _ i: Int) -> Int {
        Int(code[code.startIndex + i / 8] >> UInt8(i % 8) & 1)
    }

    private func value(_ code: ArraySlice<UInt8>, _ substring: Int) -> Int {
        (0..<bits).reduce(0) { $0 | bit(code, substring * spacing + $1) << $1 }
    }

    /// What follows the substring, going round, as far as it fits.
    private func entry(_ code: ArraySlice<UInt8>, _ substring: Int) -> [UInt8] {
        let size = Int(cut.entry_bytes)
        var bytes = [UInt8](repeating: 0, count: size)
        for i in 0..<min(8 * size, bitWidth - bits) where bit(code, (substring * spacing + bits + i) % bitWidth) == 1 {
            bytes[i / 8] |= 1 << UInt8(i % 8)
        }
        return bytes
    }

    /// A block of all buckets of one substring.
    func block(_ codes: [UInt8], substring: Int) -> [UInt8] {
        let list = (0..<codes.count / stride).map { codes[$0 * stride..<($0 + 1) * stride] }
        let values = list.map { value($0, substring) }
        let order = list.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var words = [UInt32](repeating: 0, count: 8)
        words[3] = UInt32(list.count)
        var place = 0
        for bucket in 0...1 << bits {
            while place < order.count, values[order[place]] < bucket { place += 1 }
            words.append(UInt32(place))
        }
        var bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
        bytes += [UInt8](repeating: 0, count: hamming_block_entries_offset(UInt32(bits)) - bytes.count)
        for i in order { bytes += entry(list[i], substring) }
        for i in order { bytes += (0..<4).map { UInt8(truncatingIfNeeded: i >> (8 * $0)) } }
        return bytes + [UInt8](repeating: 0, count: Int(HAMMING_PADDING))
    }

    /// The row of an entry of a block.
    func row(at position: Int, in block: [UInt8]) -> Int {
        let count = number(in: block, at: 12)
        let rowsAt = hamming_block_entries_offset(UInt32(bits)) + count * Int(cut.entry_bytes)
        return number(in: block, at: rowsAt + 4 * position)
    }

    private func number(in block: [UInt8], at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(block[offset + $1]) << (8 * $1) }
    }

    /// The rows of what a collector holds. Equal codes are taken to be different rows, as they are different entries here.
    func rows(of collector: hamming_collector, _ codes: [UInt8]) -> [Int] {
        var free = [[UInt8]: [Int]]()
        for i in (0..<codes.count / stride).reversed() {
            free[Array(codes[i * stride..<(i + 1) * stride]), default: []].append(i)
        }
        return (0..<collector.count).map { i in
            var hit = collector.hits[i]
            if hit.row != .max { return Int(hit.row) }
            var cut = cut
            var code = [UInt8](repeating: 0, count: 16)
            hamming_restore_hit(&cut, &hit, &code)
            return free[Array(code.prefix(stride))]?.popLast() ?? -1
        }
    }
}
