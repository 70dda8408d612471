/// The header of an `.npy` file: element type, order and shape of the array that follows.
///
/// Format: "NEP 1: A Simple File Format for NumPy Arrays", versions 1.0, 2.0 and 3.0: the magic `\x93NUMPY`, the version's two
/// bytes, the length of the text (16 bits little-endian in version 1, else 32), and the text, a Python dictionary with exactly
/// the keys `descr`, `fortran_order` and `shape`, padded with spaces and ended by a newline.
public struct NPYHeader: Hashable, Sendable {
    /// The element type as NumPy spells it: `|u1` for bytes, `<u8` for 64-bit unsigned integers.
    public var elementType: String
    /// True where the first index varies fastest.
    public var isFortranOrder: Bool
    /// The dimensions, outermost first.
    public var shape: [Int]

    /// A header in C order.
    public init(elementType: String, shape: [Int]) {
        self.elementType = elementType
        self.isFortranOrder = false
        self.shape = shape
    }

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Longer header texts are refused: no array of numbers needs one, and a damaged length must not cost memory.
    static let longestText = 1 << 16

    /// More rows than this are out of reason, and so no product of theirs with the bytes of a row overflows.
    static let mostRows = 1 << 48

    /// The shape as NumPy prints it: `(3, 8)`, `(3,)`, `()`.
    public var shapeText: String {
        let inner = shape.map(String.init).joined(separator: ", ")
        return shape.count == 1 ? "(\(inner),)" : "(\(inner))"
    }

    /// The bytes of a version 1.0 header; magic, version, length and text together are a multiple of 64 bytes.
    ///
    /// - Throws: `CodeFileError` for what such a header cannot say: a text of 64 KiB, a negative dimension, another type than numbers have.
    public var bytes: [UInt8] {
        get throws { try bytes(path: "header of an .npy file") }
    }

    /// The same; errors name the file that it is for.
    func bytes(path: String) throws -> [UInt8] {
        let order = isFortranOrder ? "True" : "False"
        var text = Array("{'descr': '\(elementType)', 'fortran_order': \(order), 'shape': \(shapeText), }".utf8)
        let fixed = Self.magic.count + 4
        let padding = (64 - (fixed + text.count + 1) % 64) % 64
        text += [UInt8](repeating: UInt8(ascii: " "), count: padding)
        text.append(UInt8(ascii: "\n"))
        var parser = NPYHeaderParser(text)
        guard text.count <= Int(UInt16.max), (try? parser.parse()) == self else {
            throw CodeFileError.unsupported(path: path, reason: "cannot be written: \(quoted(text))")
        }
        return Self.magic + [1, 0, UInt8(text.count & 0xff), UInt8(text.count >> 8)] + text
    }
}

extension NPYHeader {
    /// Reads the header, which a stream begins with, and leaves the stream at the first byte of data.
    static func read(from stream: any ByteStream) throws -> (header: NPYHeader, byteCount: Int) {
        let path = stream.path
        let start = try stream.read(magic.count + 2)
        guard start.starts(with: magic) else {
            throw CodeFileError.malformed(path: path, reason: "it does not start with the magic bytes of one")
        }
        guard start.count == magic.count + 2 else {
            throw CodeFileError.malformed(path: path, reason: "it ends within its header")
        }
        let version = (start[magic.count], start[magic.count + 1])
        guard (1...3).contains(version.0), version.1 == 0 else {
            throw CodeFileError.malformed(path: path, reason: "format version \(version.0).\(version.1) is unknown")
        }
        let lengthBytes = version.0 == 1 ? 2 : 4
        let length = try stream.read(lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= longestText else {
            throw CodeFileError.malformed(path: path, reason: "a header of \(length) bytes is out of reason")
        }
        let text = try stream.read(length)
        guard text.count == length, length > 0 else {
            throw CodeFileError.malformed(path: path, reason: "it ends within its header")
        }
        do {
            var parser = NPYHeaderParser(text)
            return (try parser.parse(), start.count + lengthBytes + length)
        } catch let error as NPYHeaderParser.Failure {
            throw CodeFileError.malformed(path: path, reason: "header: \(error.reason)")
        }
    }
}
