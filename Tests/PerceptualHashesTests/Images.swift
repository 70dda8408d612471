import PerceptualHashes
import TestSupport

/// A generated image: random waves of low frequency, and a little noise.
struct TestImage {
    var width: Int
    var height: Int
    var layout: PixelLayout
    var pixels: [UInt8]

    init(width: Int, height: Int, layout: PixelLayout = .rgb, seed: UInt64) {
        (self.width, self.height, self.layout) = (width, height, layout)
        var generator = SplitMix64(seed: seed)
        let waves = (0..<6).map { _ in
            (0..<4).map { _ in Int.random(in: 1...40, using: &generator) }
        }
        pixels = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<layout.channels {
                    let sum = waves.reduce(0) { sum, wave in
                        let phase = wave[0] * x * 30 / width + wave[1] * y * 30 / height + wave[2] * channel
                        return sum + (phase / (wave[3] + 9) % 2 == 0 ? 30 : 0)
                    }
                    pixels.append(UInt8(sum + Int.random(in: 0...60, using: &generator)))
                }
            }
        }
    }

    init(width: Int, height: Int, layout: PixelLayout, pixels: [UInt8]) {
        (self.width, self.height, self.layout, self.pixels) = (width, height, layout, pixels)
    }

    func block(orientation: ImageVariant = .original) throws -> LumaBlock {
        try LumaBlock(pixels, width: width, height: height, layout: layout, orientation: orientation)
    }

    /// The pixels turned, one by one.
    func turned(_ variant: ImageVariant) -> TestImage {
        let (w, h) = variant.swapsAxes ? (height, width) : (width, height)
        var turned: [UInt8] = []
        for y in 0..<h {
            for x in 0..<w {
                let source = variant.source(ofRow: y, column: x, rows: height, columns: width)
                let start = (source.row * width + source.column) * layout.channels
                turned += pixels[start..<start + layout.channels]
            }
        }
        return TestImage(width: w, height: h, layout: layout, pixels: turned)
    }
}
