import CHamming
import LMDB

/// The pairs of two parts of a store, or of one, by comparing all codes: a run of one part at a time with a run of the other.
struct BlockJoin {
    private let part: StorePart
    private let other: StorePart
    private let isOne: Bool
    private let limit: Int

    /// - Parameter other: The other part; nil for pairs within the first.
    init(_ part: StorePart, _ other: StorePart?, _ limit: Int) {
        self.part = part
        self.other = other ?? part
        isOne = other == nil
        self.limit = limit
    }

    /// Nanoseconds of comparing two codes of this stride, many at a time.
    static func cost(ofComparing stride: Int) -> Double { Double(stride) * 0.009 }

    /// Returns false if `body` did.
    func run(
        _ shape: CodeShape, _ transaction: borrowing ReadTransaction, _ body: (MatchedPair) throws -> Bool
    ) throws -> Bool {
        var cancellation = CancellationCheck()
        return try withPairBuffer { buffer in
            for index in 0..<part.runs {
                let left = try part.run(index, transaction)
                for otherIndex in (isOne ? index : 0)..<other.runs {
                    try Task.checkCancellation()
                    let right = try other.run(otherIndex, transaction)
                    let isSame = isOne && index == otherIndex
                    let goesOn = try forEachBatchOfPairs(in: buffer) { join in
                        hamming_join_codes(
                            left.codes, UInt32(left.count), right.codes, UInt32(right.count), UInt32(shape.stride),
                            UInt32(limit), isSame ? 1 : 0, &join) == 1
                    } _: { pairs in
                        for pair in pairs {
                            try cancellation.step()
                            guard let a = try part.liveID(ofRow: left.firstRow + Int(pair.left), transaction),
                                let b = try other.liveID(ofRow: right.firstRow + Int(pair.right), transaction)
                            else { continue }
                            guard try body(MatchedPair(a, b, distance: Int(pair.distance))) else { return false }
                        }
                        return true
                    }
                    guard goesOn else { return false }
                }
            }
            return true
        }
    }
}
