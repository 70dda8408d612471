/// Bytes that are put aside in a file without a name, and read once from the front.
final class Spool {
    private let file: Descriptor
    private var buffer: [UInt8] = []
    private(set) var count = 0
    private var position = 0

    init() throws {
        file = try .scratch()
    }

    func append(_ bytes: some Collection<UInt8>) throws {
        buffer += bytes
        count += bytes.count
        if buffer.count >= 1 << 18 { try flush() }
    }

    private func flush() throws {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// The next bytes, up to so many; none after the last.
    func read(_ limit: Int) throws -> [UInt8] {
        if !buffer.isEmpty { try flush() }
        let bytes = try file.read(min(limit, count - position), at: position)
        position += bytes.count
        return bytes
    }

    /// Hands all bytes to `body`, part by part.
    func drain(_ body: ([UInt8]) throws -> Void) throws {
        while position < count { try body(read(1 << 18)) }
    }
}
