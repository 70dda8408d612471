/// How the bytes of an image are arranged; rows follow one another without gaps.
public enum PixelLayout: Hashable, Sendable {
    /// A byte a pixel.
    case grey
    /// Three bytes a pixel: red, green, blue.
    case rgb

    /// Bytes of a pixel.
    public var channels: Int { self == .grey ? 1 : 3 }
}

/// 64 × 64 samples of an image's brightness, from which all perceptual hashes are computed.
///
/// The image, whatever its shape, is blurred by a tent filter and sampled at the centres of 64 × 64 equal cells, as PDQ's reference does
/// it. Brightness is 0.299 red + 0.587 green + 0.114 blue. Everything is added up in integers without loss, and divided and rounded
/// once at the end, so that neither the order of additions nor the machine matters.
public struct LumaBlock: Hashable, Sendable {
    /// Samples in a row, and in a column.
    public static let side = AxisSampling.count
    /// What one level of grey counts in `samples`: a multiple of 1000, so that the luma of a pixel is a whole number.
    public static let unitsPerLevel = 64_000
    /// Images with a shorter side than this are all taken to be flat, and so have a code of zeros and the quality 0; as in the
    /// reference.
    public static let leastSide = 5

    /// Row by row, each 0 to 255 × `unitsPerLevel`.
    public internal(set) var samples: [Int32]

    /// The block of an image in memory.
    ///
    /// - Parameters:
    ///   - pixels: `height` rows of `width` pixels, as `layout` says.
    ///   - width: of the image as it is stored, in pixels.
    ///   - height: the same.
    ///   - layout: the channels of a pixel.
    ///   - orientation: how the stored pixels are turned to be shown, for example `ImageVariant(exifOrientation: 6)`; the block is that of
    ///     the turned pixels, to the bit.
    /// - Throws: `PerceptualHashError`.
    public init(
        _ pixels: [UInt8], width: Int, height: Int, layout: PixelLayout, orientation: ImageVariant = .original
    ) throws(PerceptualHashError) {
        var sampler = try LumaSampler(width: width, height: height, layout: layout, orientation: orientation)
        try sampler.append(rows: pixels)
        self = try sampler.finish()
    }

    init(samples: [Int32]) {
        self.samples = samples
    }

    /// A block of an image that is black all over.
    static let flat = LumaBlock(samples: [Int32](repeating: 0, count: side * side))

    /// How much there is to tell the image from others by, 0 (flat) to 100: PDQ's sum of the differences between neighbouring samples, of
    /// which only whole hundredths of the range count. Codes below 50 say little.
    public var quality: Int {
        let side = Self.side
        // A hundred times a sample fits 32 bits.
        let range = Int32(255 * Self.unitsPerLevel)
        var sum: Int32 = 0
        samples.withUnsafeBufferPointer { samples in
            for place in 0..<(side - 1) * side {
                sum &+= abs((samples[place] &- samples[place + side]) &* 100 / range)
            }
            for row in 0..<side {
                for place in row * side..<(row + 1) * side - 1 {
                    sum &+= abs((samples[place] &- samples[place + 1]) &* 100 / range)
                }
            }
        }
        return min(100, Int(sum) / 90)
    }

    /// The samples in another arrangement. Where no axis is reversed, or the image's sides are symmetric (see `ImageVariant`), this is the block of
    /// the turned image.
    public func turned(_ variant: ImageVariant) -> LumaBlock {
        var turned = samples
        for row in 0..<Self.side {
            for column in 0..<Self.side {
                let source = variant.source(ofRow: row, column: column, rows: Self.side, columns: Self.side)
                turned[row * Self.side + column] = samples[source.row * Self.side + source.column]
            }
        }
        return LumaBlock(samples: turned)
    }
}
