import Foundation
import Synchronization

/// Standard output, buffered; results go here and nothing else.
enum StandardOutput {
    /// Whoever read standard output has enough.
    struct ReaderGone: Error {}

    private static let buffer = Mutex<[UInt8]>([])
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

    /// Hands everything to the system.
    static func flush() throws {
        try buffer.withLock { try drain(&$0) }
    }

    private static func drain(_ buffer: inout [UInt8]) throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Foundation.write(1, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    if errno == EPIPE { throw ReaderGone() }
                    throw ToolError("standard output: \(String(cString: strerror(errno)))")
                }
                rest = rest.dropFirst(written)
            }
        }
    }
}

/// Standard error: errors, notes and progress. Nobody has to read it.
enum StandardError {
    /// Whether a person sees it.
    static let isTerminal = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Writes text at once.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Foundation.write(2, $0.baseAddress, $0.count) }
            if written < 0 && errno != EINTR { return }
            start += max(0, written)
        }
    }

    /// Writes a line that informs, such as a summary.
    static func note(_ text: some CustomStringConvertible) {
        write("\(text)\n")
    }

    /// Writes a line about something wrong that does not stop the command.
    static func warn(_ text: some CustomStringConvertible) {
        write("hashdb: warning: \(text)\n")
    }
}
