import Foundation

/// The terminal that standard output is shown on.
enum Terminal {
    /// Whether there is one.
    static let isThere = isatty(1) == 1

    /// Its size in characters, and that of a character in pixels.
    struct Size {
        var columns = 80
        var characterWidth = 10
        var characterHeight = 20
    }

    /// What the terminal says of its size; usual values where it does not.
    static var size: Size {
        var size = Size()
        var found = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &found) == 0, found.ws_col > 0, found.ws_row > 0 else { return size }
        size.columns = Int(found.ws_col)
        let (width, height) = (found.ws_xpixel / found.ws_col, found.ws_ypixel / found.ws_row)
        if width >= 4, height >= 4 { (size.characterWidth, size.characterHeight) = (Int(width), Int(height)) }
        return size
    }

    /// What the terminal answers to the question what it is (DA1), as the numbers of its abilities; none if it does not within a third of a second.
    static func abilities() -> [Int] {
        var usual = termios()
        guard tcgetattr(1, &usual) == 0 else { return [] }
        var quiet = usual
        quiet.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(1, TCSANOW, &quiet)
        // An answer that comes later is nobody's input.
        defer { tcsetattr(1, TCSAFLUSH, &usual) }
        guard write(1, "\u{1b}[c", 3) == 3 else { return [] }
        var answer: [UInt8] = []
        let end = ContinuousClock.now + .milliseconds(333)
        while answer.last != UInt8(ascii: "c"), answer.count < 256 {
            let left = Int32(clamping: (end - ContinuousClock.now).components.attoseconds / 1_000_000_000_000_000)
            var descriptor = pollfd(fd: 1, events: Int16(POLLIN), revents: 0)
            guard end > ContinuousClock.now, poll(&descriptor, 1, max(1, left)) == 1 else { return [] }
            var byte: UInt8 = 0
            guard read(1, &byte, 1) == 1 else { return [] }
            answer.append(byte)
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let start = text.range(of: "\u{1b}[?") else { return [] }
        return text[start.upperBound...].dropLast().split(separator: ";").compactMap { Int($0) }
    }
}
