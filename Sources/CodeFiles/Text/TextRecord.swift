/// What a line of text says of one code.
struct TextRecord {
    /// The digits of the code.
    var code: ArraySlice<UInt8>
    /// The text beside it; empty: none.
    var name: ArraySlice<UInt8> = []
    /// The digits of its id; nil: none.
    var id: ArraySlice<UInt8>?
}

/// Why a line cannot be read.
struct BadLine: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// The records of a text, one after the other.
protocol TextRecords: AnyObject {
    /// The line that the last record began in, from 1.
    var line: Int { get }
    /// The next record; nil after the last. Throws `BadLine`.
    func next() throws -> TextRecord?
}

/// The lines of a text without their ends, counted.
final class TextLines {
    private let input: ByteInput
    /// The number of the last line that was given.
    private(set) var number = 0
    /// Whether that line had a carriage return at its end.
    private(set) var hadReturn = false

    /// Lines are not longer than this: a file that is no text must not fill the memory.
    static let longest = 1 << 20

    init(_ input: ByteInput) {
        self.input = input
    }

    /// The next line without line feed or carriage return; nil after the last.
    func next() throws -> ArraySlice<UInt8>? {
        number += 1
        do {
            guard var line = try input.line(upTo: Self.longest) else { return nil }
            if number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
            hadReturn = line.last == UInt8(ascii: "\r")
            return hadReturn ? line.dropLast() : line
        } catch is ByteInput.LineTooLong {
            throw BadLine("longer than \(Self.longest) bytes; is this text?")
        }
    }

    /// The next line that is neither empty nor, where `comments` is true, begins with `#`.
    func nextFilled(comments: Bool) throws -> ArraySlice<UInt8>? {
        while let line = try next() {
            if !line.isEmpty, !comments || line.first != UInt8(ascii: "#") { return line }
        }
        return nil
    }
}

/// A text of a file as errors show it: short, on one line, and without what would steer a terminal.
func shown(_ text: some Collection<UInt8>) -> String {
    let start = String(decoding: text.prefix(40), as: UTF8.self).unicodeScalars
        .map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
    return text.count > 40 ? start + "…" : start
}

/// The same between quotation marks.
func quoted(_ text: some Collection<UInt8>) -> String {
    "'\(shown(text))'"
}
