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

    /// These codes by their distance to code `query` of `queries`, equally near ones in their own order.
    func ranked(by queries: PackedCodes, at query: Int) -> [(id: Int, distance: Int)] {
        let distances = (0..<count).map { distance($0, to: queries, at: query) }
        // A counting sort keeps the order within a distance.
        var starts = [Int](repeating: 0, count: codeBytes * 8 + 2)
        for distance in distances { starts[distance + 1] += 1 }
        for distance in 1..<starts.count { starts[distance] += starts[distance - 1] }
        var ranked = [(id: Int, distance: Int)](repeating: (0, 0), count: count)
        for (code, distance) in distances.enumerated() {
            ranked[starts[distance]] = (code, distance)
            starts[distance] += 1
        }
        return ranked
    }

    private func distance(_ code: Int, to queries: PackedCodes, at query: Int) -> Int {
        var distance = 0
        for word in 0..<wordsPerCode {
            distance &+=
                (words[code &* wordsPerCode &+ word] ^ queries.words[query &* wordsPerCode &+ word])
                .nonzeroBitCount
        }
        return distance
    }
}
