import Foundation

/// Standard input in pieces.
enum StandardInput {
    private static let chunk = 1 << 16

    /// The next bytes, up to 64 KiB; nil at the end.
    ///
    /// - Throws: `ToolError` if a person sits there, who would not know what to type, or if it cannot be read.
    static func next() throws -> [UInt8]? {
        guard isatty(0) == 0 else { throw ToolError("standard input: is a terminal; pipe into it what is to be read") }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            let result = StandardStream.waiting(for: POLLIN, of: 0) { Foundation.read(0, buffer.baseAddress, chunk) }
            if result < 0 { failure = errno }
            count = max(0, result)
        }
        guard failure == 0 else { throw ToolError("standard input: \(String(cString: strerror(failure)))") }
        return bytes.isEmpty ? nil : bytes
    }
}
