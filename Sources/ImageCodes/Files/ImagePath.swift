import HashDB

/// A path as the file system keeps it: bytes, which need not be UTF-8.
///
/// Paths compare by their bytes, so that an order of files is the same everywhere.
public struct ImagePath: Hashable, Sendable {
    /// The bytes, without a closing zero.
    public let bytes: [UInt8]

    /// Takes the bytes as they are.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The UTF-8 of a string.
    public init(_ string: String) {
        bytes = Array(string.utf8)
    }

    /// The path as text; bytes that are not UTF-8 become U+FFFD, so it may not lead back to the file.
    public var string: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The last component.
    public var name: ArraySlice<UInt8> {
        bytes.suffix(from: bytes.lastIndex(of: ImagePath.slash).map { $0 + 1 } ?? 0)
    }

    /// The path without its last component.
    var directory: ImagePath {
        let end = bytes.lastIndex(of: ImagePath.slash) ?? 0
        return ImagePath(bytes: end == 0 ? [ImagePath.slash] : Array(bytes[..<end]))
    }

    /// The path of an entry of the directory that this path names.
    public func appending(_ name: some Collection<UInt8>) -> ImagePath {
        var joined = [UInt8]()
        joined.reserveCapacity(bytes.count + 1 + name.count)
        joined += bytes
        if joined.last != ImagePath.slash { joined.append(ImagePath.slash) }
        joined += name
        return ImagePath(bytes: joined)
    }

    /// Whether the path is `directory` or lies below it.
    public func isWithin(_ directory: ImagePath) -> Bool {
        guard bytes.starts(with: directory.bytes) else { return false }
        return bytes.count == directory.bytes.count || directory.bytes.last == ImagePath.slash
            || bytes[directory.bytes.count] == ImagePath.slash
    }

    /// What follows a directory that the path lies in.
    package func relative(to directory: ImagePath) -> ImagePath {
        ImagePath(bytes: Array(bytes.dropFirst(directory.bytes.count).drop { $0 == ImagePath.slash }))
    }

    package func withCString<R>(_ body: (UnsafePointer<CChar>) throws -> R) rethrows -> R {
        var terminated = bytes.map { CChar(bitPattern: $0) }
        terminated.append(0)
        return try terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                preconditionFailure("a buffer with a closing zero is not empty")
            }
            return try body(start)
        }
    }

    static let slash = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")
}

extension ImagePath: Comparable {
    /// Order of the bytes.
    public static func < (a: ImagePath, b: ImagePath) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

extension ImagePath: CustomStringConvertible {
    /// The path for a person to read, always on one line: control characters, characters that turn the direction of writing, and bytes that are
    /// not UTF-8 are written as `\n`, `\t` or `\xHH`.
    public var description: String { shownOnOneLine(bytes) }
}

extension ImagePath {
    /// All but letters, digits and `/-._~` as `%HH`, byte by byte, so that names need not be UTF-8.
    var percentEncoded: String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~".utf8)
        func text(_ byte: UInt8) -> String {
            plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + HexDigits.text(of: [byte]).uppercased()
        }
        return bytes.map(text).joined()
    }
}
