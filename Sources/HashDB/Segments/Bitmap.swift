/// A set of rows, fixed once made: which of a segment's rows, or of the delta's entries, are deleted.
final class Bitmap: @unchecked Sendable {
    let words: UnsafePointer<UInt64>
    let count: Int

    /// Takes bits from `fill`, which may write to the words.
    init(count: Int, fill: (UnsafeMutablePointer<UInt64>) throws -> Void) rethrows {
        let size = (count + 63) / 64
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, size))
        words.initialize(repeating: 0, count: max(1, size))
        self.words = UnsafePointer(words)
        self.count = count
        try fill(words)
    }

    deinit { words.deallocate() }

    subscript(index: Int) -> Bool { words[index >> 6] >> UInt64(index & 63) & 1 == 1 }
}

extension UnsafeMutablePointer<UInt64> {
    /// A bit of the words from here on.
    @inline(__always)
    subscript(bit index: Int) -> Bool {
        get { self[index >> 6] >> UInt64(index & 63) & 1 == 1 }
        nonmutating set {
            let mask = UInt64(1) << UInt64(index & 63)
            if newValue { self[index >> 6] |= mask } else { self[index >> 6] &= ~mask }
        }
    }

    /// Sets the bits of a range, word by word.
    func setBits(_ range: Range<Int>) {
        guard let last = range.last else { return }
        for word in range.lowerBound >> 6...last >> 6 {
            let bits = range.clamped(to: word << 6..<(word + 1) << 6)
            self[word] |= (UInt64.max >> UInt64(64 - bits.count)) << UInt64(bits.lowerBound & 63)
        }
    }
}
