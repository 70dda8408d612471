/// The text that a file of codes gives beside a code (a path, a key, a remark), as a store keeps it in the item's payload.
///
/// Its encoding: 0x4E ("N"), the version 1, then the bytes of the text as the file has them, which need not be UTF-8.
public struct CodeName: Hashable, Sendable {
    /// The bytes of the text.
    public var bytes: [UInt8]

    /// A name of these bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static let head: [UInt8] = [0x4e, 1]

    /// The bytes to be stored.
    public var encoded: [UInt8] { Self.head + bytes }

    /// The name in a payload; nil where it is something else.
    public init?(decoding payload: [UInt8]) {
        guard payload.starts(with: Self.head) else { return nil }
        bytes = Array(payload.dropFirst(Self.head.count))
    }
}
