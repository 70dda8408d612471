/// Random changes of training images that keep their class.
public struct Augmentation: Hashable, Sendable {
    /// The image is shifted by up to this many pixels each way; what comes in at an edge is the reflected image.
    public var shift = 4
    /// Half of the images are mirrored left to right.
    public var mirrors = true
    /// The side of a square that is replaced by the mean colour (cut-out); 0 for none.
    public var cutout = 0
    /// Contrast changes by up to this share, and brightness by up to this many deviations.
    public var contrast: Float = 0.2

    /// The defaults suit photographs; digits must not be mirrored.
    public init() {}

    /// No changes at all.
    public static var none: Augmentation {
        var augmentation = Augmentation()
        augmentation.shift = 0
        augmentation.mirrors = false
        augmentation.contrast = 0
        return augmentation
    }

    /// Throws `settingInvalid` for values outside their range.
    func check() throws {
        try LearningError.require((0...4096).contains(shift), "shift", "is \(shift), must be from 0 to 4096")
        try LearningError.require((0...4096).contains(cutout), "cut-out", "is \(cutout), must be from 0 to 4096")
        try LearningError.require((0...1).contains(contrast), "contrast", "is \(contrast), must be from 0 to 1")
    }

    /// Writes an augmented and normalised image, channels × rows × columns of `output`, from interleaved pixels.
    ///
    /// Where `output` is smaller than the image it is a crop at a random place, instead of a shift.
    package func apply(
        _ pixels: UnsafeBufferPointer<UInt8>, shape: ImageShape, preprocessing: Preprocessing,
        output: ImageShape, into values: UnsafeMutableBufferPointer<Float>, using generator: inout SeededGenerator
    ) {
        let geometry = Geometry(self, shape: shape, output: output, using: &generator)
        let gain = 1 + contrast * Float(2 * generator.nextUniform() - 1)
        let offset = contrast * Float(2 * generator.nextUniform() - 1)
        for channel in 0..<shape.channels {
            let scale = preprocessing.scale / preprocessing.deviation[channel]
            let bias = -preprocessing.mean[channel] / preprocessing.deviation[channel]
            let plane = channel * output.area
            for row in 0..<output.height {
                let source = geometry.rows[row] * shape.width
                for column in 0..<output.width {
                    let pixel = Float(pixels[(source + geometry.columns[column]) * shape.channels + channel])
                    let isCut = geometry.cutRows.contains(row) && geometry.cutColumns.contains(column)
                    values[plane + row * output.width + column] = (isCut ? 0 : pixel * scale + bias) * gain + offset
                }
            }
        }
    }

    /// Where the pixels of one augmented image come from.
    private struct Geometry {
        var rows: [Int]
        var columns: [Int]
        var cutRows = 0..<0
        var cutColumns = 0..<0

        init(
            _ augmentation: Augmentation, shape: ImageShape, output: ImageShape, using generator: inout SeededGenerator
        ) {
            func sources(length: Int, kept: Int) -> [Int] {
                let start =
                    kept < length
                    ? Int.random(in: 0...length - kept, using: &generator)
                    : Int.random(in: -augmentation.shift...augmentation.shift, using: &generator)
                return (start..<start + kept).map { reflect($0, length) }
            }
            func cut(length: Int) -> Range<Int> {
                let start = Int.random(in: 0..<length, using: &generator) - augmentation.cutout / 2
                return (start..<start + augmentation.cutout).clamped(to: 0..<length)
            }
            rows = sources(length: shape.height, kept: output.height)
            columns = sources(length: shape.width, kept: output.width)
            if augmentation.mirrors, Bool.random(using: &generator) { columns.reverse() }
            if augmentation.cutout > 0 {
                cutRows = cut(length: output.height)
                cutColumns = cut(length: output.width)
            }
        }
    }
}

/// The pixel that a reflecting edge shows at `index`: −1 gives 1, `length` gives `length − 2`.
func reflect(_ index: Int, _ length: Int) -> Int {
    guard length > 1 else { return 0 }
    let period = 2 * (length - 1)
    let phase = ((index % period) + period) % period
    return phase < length ? phase : period - phase
}
