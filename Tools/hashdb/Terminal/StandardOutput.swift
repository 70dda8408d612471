import Foundation
import Synchronization

/// Standard output, buffered; results go here and nothing else.
enum StandardOutput {
    /// Whoever read standard output has enough.
    struct ReaderGone: Error {}

    private static let buffer = Mutex<[UInt8]>([])
    /// What went wrong while work went on.
    private static let failure = Mutex<ToolError?>(nil)
    private static let capacity = 1 << 16

    /// Appends text to the results.
    static func write(_ text: String) throws {
        try write(bytes: text.utf8)
    }

    /// Appends bytes to the results.
    static func write(bytes: some Collection<UInt8> & Sendable) throws {
        try buffer.withLock { buffer in
            buffer += bytes
            if buffer.count >= capacity { try drain(&buffer) }
        }
    }

    /// Appends a line to the results.
    static func writeLine(_ text: some CustomStringConvertible) throws {
        try write(text.description + "\n")
    }

    /// Calls what writes. If `evenUnread`, for work that must not end half way, that nobody reads it any more is passed over, and another
    /// failure is thrown by `flush` when the work is done.
    static func tell(evenUnread: Bool, _ write: () throws -> Void) throws {
        do { try write() } catch is ReaderGone where evenUnread {} catch let error as ToolError where evenUnread {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// Hands everything to the system.
    static func flush() throws {
        try buffer.withLock { try drain(&$0) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private static func drain(_ buffer: inout [UInt8]) throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = StandardStream.waiting(for: POLLOUT, of: 1) {
                    Foundation.write(1, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                }
                if written < 0 {
                    if errno == EPIPE { throw ReaderGone() }
                    throw ToolError("standard output: \(String(cString: strerror(errno)))")
                }
                rest = rest.dropFirst(written)
            }
        }
    }
}
