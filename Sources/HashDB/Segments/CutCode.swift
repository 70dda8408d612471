import CHamming

/// A code cut up: the values of its substrings, its remainders after them, and the order in which they are probed.
struct CutCode {
    var raw = hamming_cut_query()

    init(_ code: UnsafePointer<UInt8>, _ cut: SubstringCut) { hamming_cut_code(cut.cut, code, &raw) }

    /// The value of a substring.
    func value(ofSubstring substring: Int) -> Int {
        withUnsafeBytes(of: raw.value) {
            Int($0.loadUnaligned(fromByteOffset: 4 * substring, as: UInt32.self))
        }
    }

    /// The substring that is probed in a place of the order.
    func substring(ofRank rank: Int) -> Int {
        withUnsafeBytes(of: raw.order) { Int($0.loadUnaligned(fromByteOffset: 4 * rank, as: UInt32.self)) }
    }

    /// Runs `body` on the entry that stands for the code in a table.
    func withEntry<R>(ofSubstring substring: Int, _ body: (UnsafePointer<UInt8>) throws -> R) rethrows -> R {
        var words = withUnsafeBytes(of: raw.remainder) {
            $0.loadUnaligned(fromByteOffset: 16 * substring, as: SIMD2<UInt64>.self)
        }
        return try withUnsafeBytes(of: &words) { bytes in
            try body(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
        }
    }
}
