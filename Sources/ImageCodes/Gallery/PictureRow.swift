import CVips
import Foundation
import HashNets

/// Thumbnails beside one another as one picture, in the forms in which terminals take pictures.
///
///     let row = PictureRow(of: paths, tileWidth: 200, tileHeight: 200)
///     print(try row.kitty(columns: 80, rows: 10))
///
/// Each thumbnail lies in the middle of a tile; what it leaves free is transparent, as is the tile of an image that cannot be shown.
public struct PictureRow: Sendable {
    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// Red, green, blue and opacity of each pixel, row by row.
    public private(set) var pixels: [UInt8]

    /// Makes the thumbnails of some images.
    ///
    /// - Parameters:
    ///   - paths: The images; nil leaves a tile free.
    ///   - tileWidth: The pixels of a tile from left to right, 4 or more.
    ///   - tileHeight: The pixels of a tile from top to bottom, 4 or more.
    public init(of paths: [ImagePath?], tileWidth: Int, tileHeight: Int) {
        width = paths.count * tileWidth
        height = tileHeight
        pixels = [UInt8](repeating: 0, count: width * height * 4)
        // A tile's edge stays free, so that images do not touch.
        let side = max(1, min(tileWidth, tileHeight) - 4)
        for (number, path) in paths.enumerated() {
            guard let path, let thumbnail = try? ImageThumbnail(of: path, side: side),
                let image = try? ImageDecoder(
                    shape: .init(channels: 3, height: thumbnail.height, width: thumbnail.width)
                )
                .decode(thumbnail.jpeg, named: path)
            else { continue }
            let left = number * tileWidth + (tileWidth - thumbnail.width) / 2
            let top = (tileHeight - thumbnail.height) / 2
            for y in 0..<thumbnail.height {
                for x in 0..<thumbnail.width {
                    let (from, to) = (3 * (y * thumbnail.width + x), 4 * ((top + y) * width + left + x))
                    for channel in 0..<3 { pixels[to + channel] = image.pixels[from + channel] }
                    pixels[to + 3] = 255
                }
            }
        }
    }

    /// The row as a PNG file.
    ///
    /// - Throws: `ImageCodesError.unencodable`, with libvips' reason.
    public func png() throws -> [UInt8] {
        var memory: UnsafeMutablePointer<UInt8>?
        var length = 0
        var message = [CChar](repeating: 0, count: Int(CVIPS_ERROR_SIZE))
        defer { cvips_free(memory) }
        let status = cvips_encode(pixels, Int32(width), Int32(height), 4, 1, 0, 0, ".png", &memory, &length, &message)
        guard status == CVIPS_OK else {
            throw ImageCodesError.unencodable(
                String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return Array(UnsafeBufferPointer(start: memory, count: length))
    }

    /// The row as the kitty terminal's graphics protocol has it, which WezTerm, Ghostty and others know: a PNG file in base64, in chunks of 4096
    /// bytes, of which each says whether more follow.
    ///
    /// - Parameters:
    ///   - columns: Characters that the row is as wide as.
    ///   - rows: Lines that it is as high as.
    /// - Throws: `ImageCodesError.unencodable`.
    public func kitty(columns: Int, rows: Int) throws -> String {
        let data = Array(Data(try png()).base64EncodedString().utf8)
        var text = ""
        for start in stride(from: 0, to: data.count, by: 4096) {
            let end = min(start + 4096, data.count)
            // T: take and show it; 100: a PNG file; q=2: answer nothing.
            let control = start == 0 ? "a=T,f=100,q=2,c=\(columns),r=\(rows)," : ""
            text +=
                "\u{1b}_G\(control)m=\(end < data.count ? 1 : 0);" + String(decoding: data[start..<end], as: UTF8.self)
            text += "\u{1b}\\"
        }
        return text
    }

    /// The row as DEC's sixel graphics, which xterm, foot, mlterm, Windows Terminal and others know.
    public var sixel: String { SixelText(self).text }
}
