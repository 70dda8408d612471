import Foundation
import HashNets
import ImageCodes
import Testing

@Suite struct PictureRowTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A picture of four colours, one that cannot be shown, and one that is higher than wide, in tiles of 40 by 50 pixels.
    private func row() throws -> PictureRow {
        let quarters = try TestImages.encode(
            TestImages.quarters(width: 36, height: 36), width: 36, height: 36, bands: 3, as: ".png")
        let paths = [
            try directory.write(quarters, to: "a.png"), nil,
            try directory.write(try TestImages.picture(seed: 4, width: 100, height: 200), to: "c.png"),
        ]
        return PictureRow(of: paths, tileWidth: 40, tileHeight: 50)
    }

    private func pixel(_ row: PictureRow, _ x: Int, _ y: Int) -> [Int] {
        row.pixels[4 * (y * row.width + x)..<4 * (y * row.width + x) + 4].map { Int($0) }
    }

    @Test func thumbnailsLieInTheMiddleOfTheirTiles() throws {
        let row = try row()
        #expect(row.width == 120 && row.height == 50)
        // The thumbnail has 36 pixels from (2, 7) on; JPEG blurs its colours a little.
        for (x, y, colour) in [
            (6, 11, [255, 0, 0]), (34, 11, [0, 255, 0]), (6, 39, [0, 0, 255]), (34, 39, [255, 255, 255]),
        ] {
            #expect(zip(pixel(row, x, y), colour + [255]).allSatisfy { abs($0 - $1) < 40 }, "\(x), \(y)")
        }
        #expect(
            pixel(row, 1, 25) == [0, 0, 0, 0] && pixel(row, 20, 6) == [0, 0, 0, 0]
                && pixel(row, 20, 43) == [0, 0, 0, 0])
        #expect((40..<80).allSatisfy { pixel(row, $0, 25) == [0, 0, 0, 0] })
        // 18 by 36 pixels.
        #expect(pixel(row, 80 + 10, 25)[3] == 0 && pixel(row, 80 + 12, 25)[3] == 255 && pixel(row, 80 + 30, 25)[3] == 0)
    }

    @Test func kittyChunksMakeUpThePNG() throws {
        let row = try row()
        let text = try row.kitty(columns: 12, rows: 3)
        var (data, last) = ("", false)
        for (number, match) in text.matches(of: /\u{1b}_G([^;]*);([A-Za-z0-9+\/=]*)\u{1b}\\/).enumerated() {
            let keys = match.1.split(separator: ",")
            #expect(!last && match.2.utf8.count <= 4096)
            #expect(number > 0 ? keys.count == 1 : Set(keys).isSuperset(of: ["a=T", "f=100", "c=12", "r=3"]))
            data += match.2
            last = keys.contains("m=0")
            #expect(last || (keys.contains("m=1") && match.2.utf8.count == 4096))
        }
        #expect(last && text.replacing(/\u{1b}_G[^\u{1b}]*\u{1b}\\/, with: "").isEmpty)
        let png = [UInt8](try #require(Data(base64Encoded: data)))
        #expect(try png == row.png())
        let image = try ImageDecoder(shape: .init(channels: 3, height: 50, width: 120)).decode(
            png, named: ImagePath("row"))
        #expect(image.header == ImageHeader(width: 120, height: 50, format: "png"))
        for place in 0..<120 * 50 where row.pixels[4 * place + 3] == 255 {
            #expect(image.pixels[3 * place..<3 * place + 3] == row.pixels[4 * place..<4 * place + 3])
        }
    }

    @Test func sixelsAreThePixelsButForShades() throws {
        let row = try row()
        let picture = try Sixels(row.sixel)
        #expect(picture.width == 120 && picture.height == 50)
        var error = [Int](repeating: 0, count: 3)
        for place in 0..<120 * 50 {
            guard row.pixels[4 * place + 3] == 255 else {
                #expect(picture.pixels[place] == nil)
                continue
            }
            let colour = try #require(picture.pixels[place])
            for channel in 0..<3 {
                // Never further away than a step of the palette, and on average not at all.
                let difference = colour[channel] - Int(row.pixels[4 * place + channel])
                #expect(abs(difference) <= 51)
                error[channel] += difference
            }
        }
        #expect(error.allSatisfy { abs($0) < 4 * (36 * 36 + 18 * 36) })
    }
}

/// A reader of sixel graphics, as far as `PictureRow` writes them.
struct Sixels {
    private(set) var width = 0
    private(set) var height = 0
    /// Row by row; nil where nothing was drawn.
    private(set) var pixels: [[Int]?] = []

    init(_ text: String) throws {
        let body = try #require(text.wholeMatch(of: /\u{1b}P0;1;0q"1;1;(\d+);(\d+)([^\u{1b}]*)\u{1b}\\/))
        (width, height) = (try #require(Int(body.1)), try #require(Int(body.2)))
        pixels = [[Int]?](repeating: nil, count: width * height)
        var palette: [Int: [Int]] = [:]
        var (colour, x, top, covered) = (0, 0, 0, "")
        for token in body.3.matches(of: /#\d+(?:;2;\d+;\d+;\d+)?|!\d+[?-~]|[?-~]|\$|-/) {
            covered += token.0
            let numbers = token.0.matches(of: /\d+/).compactMap { Int($0.0) }
            switch token.0.first {
            case "#":
                colour = numbers[0]
                if numbers.count == 5 { palette[colour] = numbers[2...].map { ($0 * 255 + 50) / 100 } }
            case "$": x = 0
            case "-": (x, top) = (0, top + 6)
            default:
                let bits = try #require(token.0.utf8.last) - 63
                for _ in 0..<(numbers.first ?? 1) {
                    for row in 0..<6 where bits >> row & 1 == 1 { pixels[(top + row) * width + x] = palette[colour] }
                    x += 1
                }
                try #require(x <= width)
            }
        }
        #expect(covered == body.3)
    }
}
