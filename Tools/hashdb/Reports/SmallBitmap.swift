import Foundation
import HashNets

/// An image of a few pixels as a BMP file, which browsers show and which takes no library to write.
struct SmallBitmap {
    private let bytes: [UInt8]

    /// - Parameter pixels: rows × columns × channels, one grey or three colours.
    init(_ pixels: ArraySlice<UInt8>, _ shape: ImageShape) {
        let first = pixels.startIndex
        let rowBytes = (3 * shape.width + 3) & ~3
        var bytes: [UInt8] = Array("BM".utf8)
        func append(_ value: Int, size: Int) {
            for byte in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
        }
        append(54 + rowBytes * shape.height, size: 4)
        append(0, size: 4)
        append(54, size: 4)
        append(40, size: 4)
        append(shape.width, size: 4)
        append(shape.height, size: 4)
        append(1, size: 2)
        append(24, size: 2)
        append(0, size: 24)
        // Rows go from the lowest up, colours from blue to red.
        for row in (0..<shape.height).reversed() {
            for column in 0..<shape.width {
                let pixel = first + (row * shape.width + column) * shape.channels
                for channel in [2, 1, 0] { bytes.append(pixels[pixel + min(channel, shape.channels - 1)]) }
            }
            bytes.append(contentsOf: repeatElement(0, count: rowBytes - 3 * shape.width))
        }
        self.bytes = bytes
    }

    /// An address that holds the whole image.
    var dataURL: String { "data:image/bmp;base64,\(Data(bytes).base64EncodedString())" }
}
