import ArgumentParser
import Foundation
import ImageCodes

/// How a terminal takes pictures.
enum PictureProtocol {
    case kitty, sixel

    /// The one that the terminal of standard output knows.
    ///
    /// - Throws: `ToolError` if there is no terminal, or it knows none.
    static func detected() throws -> PictureProtocol {
        guard Terminal.isThere else {
            throw ToolError("--show: standard output is no terminal; --html FILE writes a page of thumbnails instead")
        }
        let settings = ProcessInfo.processInfo.environment
        let name = settings["TERM"] ?? ""
        // A multiplexer inherits what its terminal set, and passes nothing on.
        let isDirect = ["TMUX", "STY"].allSatisfy { (settings[$0] ?? "").isEmpty }
        let program = settings["TERM_PROGRAM"]?.lowercased() ?? ""
        if isDirect,
            settings["KITTY_WINDOW_ID"] != nil || ["xterm-kitty", "xterm-ghostty"].contains(name)
                || ["wezterm", "ghostty"].contains(program)
        {
            return .kitty
        }
        if Terminal.abilities().contains(4) { return .sixel }
        throw ToolError(
            "--show: this terminal (TERM=\(name)) does not say that it shows pictures; --show-kitty and --show-sixel try it all "
                + "the same, --html FILE writes a page")
    }
}

/// Whether pictures are shown, and how.
enum PictureChoice: EnumerableFlag {
    case show, showKitty, showSixel

    static func help(for value: PictureChoice) -> ArgumentHelp? {
        switch value {
        case .show: "Show thumbnails of what is found in the terminal, if it can (kitty, WezTerm, Ghostty, sixel)."
        case .showKitty: "The same for terminals with the kitty protocol, without asking."
        case .showSixel: "The same for terminals with sixel graphics, without asking."
        }
    }

    /// How to show pictures.
    ///
    /// - Throws: `ToolError` if the terminal shows none.
    func found() throws -> PictureProtocol {
        switch self {
        case .show: try .detected()
        case .showKitty: .kitty
        case .showSixel: .sixel
        }
    }
}

/// Thumbnails with a line of text under each, as many beside one another as a terminal is wide.
struct TerminalPictures {
    private let way: PictureProtocol
    private let size = Terminal.size

    /// Characters from left to right that a picture has.
    private static let tileColumns = 20
    /// More than these are not shown.
    static let most = 48

    init(_ choice: PictureChoice) throws {
        way = try choice.found()
    }

    /// The pictures as text for a terminal.
    func text(_ pictures: [(path: ImagePath?, caption: String)]) throws -> String {
        let columns = Self.tileColumns
        // Square, in whole lines.
        let rows = (columns * size.characterWidth + size.characterHeight - 1) / size.characterHeight
        let perLine = max(1, size.columns / columns)
        var text = ""
        for start in stride(from: 0, to: min(pictures.count, Self.most), by: perLine) {
            let some = pictures[start..<min(start + perLine, pictures.count, Self.most)]
            let row = PictureRow(
                of: some.map(\.path), tileWidth: columns * size.characterWidth, tileHeight: rows * size.characterHeight)
            text += way == .kitty ? try row.kitty(columns: columns * some.count, rows: rows) : row.sixel
            text += "\n" + some.map { Self.centred($0.caption, columns) }.joined() + "\n"
        }
        if pictures.count > Self.most { text += "  and \(pictures.count - Self.most) more\n" }
        return text
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let text = text.prefix(width - 1)
        let left = (width - text.count) / 2
        return String(repeating: " ", count: left) + text + String(repeating: " ", count: width - left - text.count)
    }
}
