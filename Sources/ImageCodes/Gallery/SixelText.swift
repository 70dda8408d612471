/// Pixels as DEC's sixel graphics (VT330/VT340 Programmer Reference Manual, volume 2, 1987, chapter 14).
///
/// A picture is bands of six rows. In a band each colour that occurs has its turn: a character from `?` on for each column, whose six bits
/// say which of the rows have the colour. `$` goes back to the left edge, `-` on to the next band, `!n` stands for n equal characters.
/// Colours are the 216 of which each of red, green and blue has six steps; what lies between two is a pattern of both (Bayer 1973).
struct SixelText {
    let text: String

    /// Pixels that are not opaque are left out, so that what is behind stays.
    init(_ picture: PictureRow) {
        var writer = Writer(width: picture.width)
        let colours = Self.colours(of: picture)
        for top in stride(from: 0, to: picture.height, by: 6) {
            let end = min(top + 6, picture.height) * picture.width
            writer.append(band: colours[top * picture.width..<end])
        }
        let palette = Set(colours).sorted().filter { $0 != Self.none }.map { colour in
            let parts = [colour / 36, colour / 6 % 6, colour % 6].map { "\(20 * Int($0))" }
            return "#\(colour);2;\(parts.joined(separator: ";"))"
        }
        // 1: pixels that are not written stay; then pixels are square, and the size.
        text = "\u{1b}P0;1;0q\"1;1;\(picture.width);\(picture.height)\(palette.joined())\(writer.text)\u{1b}\\"
    }

    private static let none: UInt8 = 255

    /// Thresholds at which a step is taken, in sixteenths.
    private static let thresholds = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]

    private static func colours(of picture: PictureRow) -> [UInt8] {
        (0..<picture.width * picture.height).map { pixel in
            guard picture.pixels[4 * pixel + 3] >= 128 else { return none }
            let (y, x) = pixel.quotientAndRemainder(dividingBy: picture.width)
            let threshold = thresholds[y % 4 * 4 + x % 4] * 16 + 7
            let steps = (0..<3).map { (Int(picture.pixels[4 * pixel + $0]) * 5 + threshold) / 255 }
            return UInt8(steps[0] * 36 + steps[1] * 6 + steps[2])
        }
    }

    private struct Writer {
        let width: Int
        var text = ""

        mutating func append(band: ArraySlice<UInt8>) {
            var columns: [UInt8: [UInt8]] = [:]
            for (offset, colour) in band.enumerated() where colour != SixelText.none {
                let (row, column) = offset.quotientAndRemainder(dividingBy: width)
                columns[colour, default: [UInt8](repeating: 0, count: width)][column] |= 1 << UInt8(row)
            }
            for colour in columns.keys.sorted() {
                text += "#\(colour)"
                append(columns: columns[colour] ?? [])
                text += "$"
            }
            text += "-"
        }

        private mutating func append(columns: [UInt8]) {
            var start = 0
            while start < columns.count {
                let end = columns[start...].firstIndex { $0 != columns[start] } ?? columns.count
                let character = String(UnicodeScalar(63 + columns[start]))
                // Nothing has to be said of what is empty up to the right edge.
                if end == columns.count, columns[start] == 0 { return }
                text +=
                    end - start > 3 ? "!\(end - start)\(character)" : String(repeating: character, count: end - start)
                start = end
            }
        }
    }
}
