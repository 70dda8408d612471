/// Bytes that are read from front to back: a file, standard input, or a member of an archive.
protocol ByteStream: AnyObject {
    /// What errors call it.
    var path: String { get }
    /// All its bytes, from the first on; nil where only reading on will tell.
    var length: Int? { get }
    /// Up to `count` bytes; fewer only at the end.
    func read(_ count: Int) throws -> [UInt8]
}

extension ByteStream {
    /// Checks, where its length is known, that so many bytes follow the first ones, and nothing else.
    func checkLength(after head: Int, is expected: Int) throws {
        guard let length else { return }
        let found = length - head
        guard found >= expected else { throw CodeFileError.truncated(path: path, expected: expected, found: found) }
        guard found == expected else { throw CodeFileError.trailingBytes(path: path) }
    }
}

/// A file or standard input, with a look ahead.
final class ByteInput: ByteStream {
    let path: String
    let length: Int?
    private let file: Descriptor
    private var buffer: [UInt8] = []
    private var start = 0

    /// Bytes that are read from the system at a time, where fewer are asked for.
    private static let chunk = 1 << 16

    /// Opens `path`; `-` is standard input.
    init(path: String) throws {
        let file = try Descriptor(reading: path)
        length = try file.regularSize()
        self.path = file.path
        self.file = file
    }

    /// The next bytes, `count` of them or all that are left, which stay there.
    func peek(_ count: Int) throws -> ArraySlice<UInt8> {
        try fill(count)
        return buffer[start..<min(buffer.count, start + count)]
    }

    func read(_ count: Int) throws -> [UInt8] {
        let isAhead = start < buffer.count
        if isAhead || count < Self.chunk { try fill(min(count, Self.chunk)) }
        var result = Array(buffer[start..<min(buffer.count, start + count)])
        start += result.count
        // What is more than was read ahead comes straight from the file.
        if result.count < count, start == buffer.count, count >= Self.chunk {
            result += try file.read(count - result.count)
        }
        return result
    }

    /// Up to `count` bytes from an offset on, wherever reading is; only regular files have them.
    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try file.read(count, at: offset)
    }

    /// The bytes up to the next line feed or the end, without either; nil after the end.
    ///
    /// - Throws: `LineTooLong` for more than `limit` bytes.
    func line(upTo limit: Int) throws -> ArraySlice<UInt8>? {
        var seen = 0
        while true {
            if let end = buffer[(start + seen)...].firstIndex(of: 0x0a) {
                guard end - start <= limit else { throw LineTooLong(limit: limit) }
                defer { start = end + 1 }
                return buffer[start..<end]
            }
            seen = buffer.count - start
            guard seen <= limit else { throw LineTooLong(limit: limit) }
            if try !fill(seen + 1) {
                defer { start = buffer.count }
                return seen == 0 ? nil : buffer[start...]
            }
        }
    }

    /// A line that is longer than any that makes sense.
    struct LineTooLong: Error {
        let limit: Int
    }

    /// Makes `count` bytes ready, and waits for no more. Returns whether there are as many.
    @discardableResult
    private func fill(_ count: Int) throws -> Bool {
        while buffer.count - start < count {
            if start > 0 {
                buffer.removeFirst(start)
                start = 0
            }
            let more = try file.readSome(Self.chunk)
            if more.isEmpty { return false }
            buffer += more
        }
        return true
    }
}
