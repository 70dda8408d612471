/// Codes as 64-bit words, for counting distances with population counts.
struct PackedCodes {
    let count: Int
    private let codeBytes: Int
    private let wordsPerCode: Int
    private let words: [UInt64]

    /// Packs codes of `codeBytes` bytes each; the last word of a code is filled up with zeros.
    init(_ bytes: [UInt8], codeBytes: Int) {
        precondition(codeBytes >= 1 && bytes.count.isMultiple(of: codeBytes), "whole codes")
        let count = bytes.count / codeBytes
        let wordsPerCode = (codeBytes + 7) / 8
        var words = [UInt64](repeating: 0, count: count * wordsPerCode)
        for code in 0..<count {
            for byte in 0..<codeBytes {
                words[code * wordsPerCode + byte / 8] |= UInt64(bytes[code * codeBytes + byte]) << UInt64(byte % 8 * 8)
            }
        }
        self.count = count
        self.codeBytes = codeBytes
        self.wordsPerCode = wordsPerCode
        self.words = words
    }

    /// Counts these codes by their distance to code `query` of `queries`.
    func counts(of queries: PackedCodes, at query: Int, isRelevant: (Int) -> Bool) -> DistanceCounts {
        var counts = DistanceCounts(bits: codeBytes * 8)
        let first = query * wordsPerCode
        for code in 0..<count {
            var distance = 0
            for word in 0..<wordsPerCode {
                distance += (words[code * wordsPerCode + word] ^ queries.words[first + word]).nonzeroBitCount
            }
            counts.items[distance] += 1
            if isRelevant(code) { counts.relevant[distance] += 1 }
        }
        return counts
    }
}
