import HashDB

/// Codes in memory, back to back, each in as many 64-bit words as it needs; bits past the width are zero.
struct CodeArray {
    let bitWidth: Int
    private(set) var words: [UInt64] = []

    init(bitWidth: Int) { self.bitWidth = bitWidth }

    var wordsPerCode: Int { (bitWidth + 63) / 64 }
    var byteCount: Int { bitWidth / 8 }
    var count: Int { words.count / wordsPerCode }

    /// The words of one code.
    subscript(index: Int) -> [UInt64] {
        get { Array(words[index * wordsPerCode..<(index + 1) * wordsPerCode]) }
        set { words.replaceSubrange(index * wordsPerCode..<(index + 1) * wordsPerCode, with: newValue) }
    }

    mutating func reserve(_ count: Int) { words.reserveCapacity(count * wordsPerCode) }

    /// Appends a code; of its last word only the bits within the width are taken.
    mutating func append(_ code: [UInt64]) {
        words += code
        if bitWidth % 64 != 0 { words[words.count - 1] &= 1 << UInt64(bitWidth % 64) - 1 }
    }

    /// Appends a code of at most 64 bits.
    mutating func append(_ word: UInt64) {
        words.append(bitWidth >= 64 ? word : word & (1 << UInt64(bitWidth) - 1))
    }

    mutating func appendUniform(_ generator: inout Xoshiro) {
        for _ in 0..<wordsPerCode { words.append(generator.next()) }
        if bitWidth % 64 != 0 { words[words.count - 1] &= 1 << UInt64(bitWidth % 64) - 1 }
    }

    /// The packed bytes of some of the codes, as the store and the files have them.
    func packed(_ range: Range<Int>) -> [UInt8] {
        words[range.lowerBound * wordsPerCode..<range.upperBound * wordsPerCode].withUnsafeBytes { bytes in
            guard byteCount != 8 * wordsPerCode else { return Array(bytes) }
            var packed: [UInt8] = []
            packed.reserveCapacity(range.count * byteCount)
            for start in stride(from: 0, to: bytes.count, by: 8 * wordsPerCode) {
                packed += bytes[start..<start + byteCount]
            }
            return packed
        }
    }

    /// One code as the library has it.
    func code(_ index: Int) throws -> BinaryCode { try BinaryCode(bytes: packed(index..<index + 1)) }
}

extension [UInt64] {
    /// The code with exactly `count` different bits flipped.
    func flipping(_ count: Int, of bitWidth: Int, _ generator: inout Xoshiro) -> [UInt64] {
        var flipped: Set<Int> = []
        while flipped.count < count { flipped.insert(generator.index(below: bitWidth)) }
        return flipped.reduce(into: self) { $0[$1 / 64] ^= 1 << UInt64($1 % 64) }
    }
}
