import Foundation

/// Strong random changes of images that still keep their class: the views that consistency training must agree on.
///
/// One affine map (rotation, scale, shear, shift, mirror) is sampled bilinearly from the image reflected at its edges;
/// then come contrast, brightness, a colour cast, part grey, and a cut-out square (the kinds of change of Cubuk et al.,
/// "RandAugment", 2020, at random strengths of all of them instead of two in full).
public struct StrongAugmentation: Hashable, Sendable {
    /// Share of the images that are rotated, scaled and sheared; the others are shifted alone.
    public var warped = 0.7
    /// Rotation by up to so many radians.
    public var rotation = 0.5
    /// Scale changes by up to this share.
    public var scaling = 0.2
    /// Shear by up to this share of the height.
    public var shear = 0.3
    /// Shift by up to this share of the sides.
    public var shift = 0.125
    /// Half of the images are mirrored left to right.
    public var mirrors = true
    /// Contrast changes by up to this share.
    public var contrast = 0.6
    /// Brightness changes by up to this many deviations.
    public var brightness = 0.5
    /// Deviation of each channel's own change of brightness.
    public var cast = 0.15
    /// Share of the images that lose a part of their colour.
    public var greyed = 0.3
    /// The side of the square that is cut out, as a share of the image's; 0 for none.
    public var cutout = 0.45

    /// The defaults suit photographs.
    public init() {}

    /// Every strength, for metadata.
    var summary: String {
        [warped, rotation, scaling, shear, shift, contrast, brightness, cast, greyed, cutout].map { "\($0)" }
            .joined(separator: "/")
    }

    /// Throws `settingInvalid` for values outside their range.
    func check() throws {
        let shares = [
            ("warped", warped), ("shift", shift), ("contrast", contrast), ("greyed", greyed), ("cut-out", cutout),
        ]
        for (name, share) in shares {
            try LearningError.require((0...1).contains(share), "strong \(name)", "is \(share), must be from 0 to 1")
        }
        try LearningError.require(
            (0...0.9).contains(scaling), "strong scaling", "is \(scaling), must be from 0 to 0.9")
        for (name, size) in [("rotation", rotation), ("shear", shear), ("brightness", brightness), ("cast", cast)] {
            try LearningError.require((0...100).contains(size), "strong \(name)", "is \(size), must be from 0 to 100")
        }
    }

    /// Writes a changed and normalised image, channels × rows × columns, from interleaved pixels of the same size.
    package func apply(
        _ pixels: UnsafeBufferPointer<UInt8>, shape: ImageShape, preprocessing: Preprocessing,
        into values: UnsafeMutableBufferPointer<Float>, using generator: inout SeededGenerator
    ) {
        let map = AffineMap(self, shape: shape, using: &generator)
        map.sample(pixels, shape: shape, preprocessing: preprocessing, into: values)
        changeColours(of: values, shape: shape, using: &generator)
        cut(values, shape: shape, using: &generator)
    }

    private func changeColours(
        of values: UnsafeMutableBufferPointer<Float>, shape: ImageShape, using generator: inout SeededGenerator
    ) {
        let gain = Float(1 + generator.nextSigned() * contrast)
        let offset = Float(generator.nextSigned() * brightness)
        let casts = (0..<shape.channels).map { _ in Float(generator.nextNormal() * cast) }
        let isGreyed = generator.nextUniform() < greyed
        let grey = Float(generator.nextUniform())
        let mean = values.reduce(0, +) / Float(values.count)
        for channel in 0..<shape.channels {
            let bias = mean * (1 - gain) + offset + casts[channel]
            for index in channel * shape.area..<(channel + 1) * shape.area {
                values[index] = values[index] * gain + bias
            }
        }
        guard isGreyed, shape.channels > 1 else { return }
        for index in 0..<shape.area {
            var sum: Float = 0
            for channel in 0..<shape.channels { sum += values[channel * shape.area + index] }
            let level = grey * sum / Float(shape.channels)
            for channel in 0..<shape.channels {
                values[channel * shape.area + index] = values[channel * shape.area + index] * (1 - grey) + level
            }
        }
    }

    private func cut(
        _ values: UnsafeMutableBufferPointer<Float>, shape: ImageShape, using generator: inout SeededGenerator
    ) {
        func range(_ length: Int) -> Range<Int> {
            let side = Int((cutout * Double(length)).rounded())
            let start = Int.random(in: 0..<length, using: &generator) - side / 2
            return (start..<start + side).clamped(to: 0..<length)
        }
        let (rows, columns) = (range(shape.height), range(shape.width))
        for channel in 0..<shape.channels {
            for row in rows {
                let start = channel * shape.area + row * shape.width
                for column in columns { values[start + column] = 0 }
            }
        }
    }
}

/// Where the pixels of a changed image come from: x′ = a·x + b·y + c from the centre, and alike for y.
private struct AffineMap {
    private var across: (x: Float, y: Float, offset: Float)
    private var down: (x: Float, y: Float, offset: Float)

    init(_ changes: StrongAugmentation, shape: ImageShape, using generator: inout SeededGenerator) {
        let isWarped = generator.nextUniform() < changes.warped
        let strength = isWarped ? 1.0 : 0
        let scale = 1 + strength * generator.nextSigned() * changes.scaling
        let angle = strength * generator.nextSigned() * changes.rotation
        let shear = strength * generator.nextSigned() * changes.shear
        let shifts = (generator.nextSigned() * changes.shift, generator.nextSigned() * changes.shift)
        let sign: Double = changes.mirrors && Bool.random(using: &generator) ? -1 : 1
        let (cosine, sine) = (cos(angle) / scale, sin(angle) / scale)
        across = (Float(cosine * sign), Float(shear - sine), Float(shifts.0 * Double(shape.width)))
        down = (Float(sine * sign), Float(cosine), Float(shifts.1 * Double(shape.height)))
    }

    func sample(
        _ pixels: UnsafeBufferPointer<UInt8>, shape: ImageShape, preprocessing: Preprocessing,
        into values: UnsafeMutableBufferPointer<Float>
    ) {
        let (width, height, channels) = (shape.width, shape.height, shape.channels)
        let centre = (x: Float(width - 1) / 2, y: Float(height - 1) / 2)
        let scales = preprocessing.deviation.map { preprocessing.scale / $0 }
        let biases = zip(preprocessing.mean, preprocessing.deviation).map { -$0 / $1 }
        for row in 0..<height {
            let y = Float(row) - centre.y
            for column in 0..<width {
                let x = Float(column) - centre.x
                let left = Position(across.x * x + across.y * y + across.offset + centre.x, length: width)
                let top = Position(down.x * x + down.y * y + down.offset + centre.y, length: height)
                let corners = (
                    (top.first * width + left.first) * channels, (top.first * width + left.second) * channels,
                    (top.second * width + left.first) * channels, (top.second * width + left.second) * channels
                )
                for channel in 0..<channels {
                    let above = left.mix(pixels[corners.0 + channel], pixels[corners.1 + channel])
                    let below = left.mix(pixels[corners.2 + channel], pixels[corners.3 + channel])
                    let pixel = above + (below - above) * top.share
                    values[channel * shape.area + row * width + column] = pixel * scales[channel] + biases[channel]
                }
            }
        }
    }

    /// Two neighbouring pixels of a line that reflects at its ends, and the share of the second.
    private struct Position {
        let first: Int
        let second: Int
        let share: Float

        init(_ place: Float, length: Int) {
            let whole = place.rounded(.down)
            share = place - whole
            first = reflect(Int(whole), length)
            second = reflect(Int(whole) + 1, length)
        }

        func mix(_ one: UInt8, _ other: UInt8) -> Float {
            Float(one) + (Float(other) - Float(one)) * share
        }
    }
}

extension SeededGenerator {
    /// A uniform number of [−1, 1).
    mutating func nextSigned() -> Double { 2 * nextUniform() - 1 }
}
