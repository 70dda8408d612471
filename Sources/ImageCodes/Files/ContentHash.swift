import CXXHash
import HashDB

/// XXH3-128 of some bytes: what a file holds, whatever it is called. Not a defence against an adversary.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    /// The upper 64 bits.
    public var high: UInt64
    /// The lower 64 bits.
    public var low: UInt64

    /// Makes a hash from its halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Hashes bytes.
    public init(of bytes: [UInt8]) {
        let hash = bytes.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
        self.init(high: hash.high64, low: hash.low64)
    }

    /// Reads what `description` prints; `nil` for anything else.
    public init?(hexadecimal digits: some StringProtocol) {
        guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.dropFirst(16), radix: 16), !digits.contains("+"), !digits.contains("-")
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits, the upper half first, as `xxhsum -H2` prints them.
    public var description: String { BinaryCode(high).hex + BinaryCode(low).hex }
}
