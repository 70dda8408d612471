import Foundation

/// Standard error: errors, notes and progress. Nobody has to read it.
enum StandardError {
    /// Whether a person sees it.
    static let isTerminal = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Writes text at once.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { bytes in
                StandardStream.waiting(for: POLLOUT, of: 2) { Foundation.write(2, bytes.baseAddress, bytes.count) }
            }
            if written < 0 { return }
            start += written
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
