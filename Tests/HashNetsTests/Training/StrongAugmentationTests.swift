import HashNets
import Testing

@Suite struct StrongAugmentationTests {
    private let shape = ImageShape(channels: 3, height: 8, width: 10)
    private let preprocessing = Preprocessing(mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.4])

    /// Nothing changes but what a test turns on.
    private var none: StrongAugmentation {
        var none = StrongAugmentation()
        (none.warped, none.shift, none.mirrors, none.contrast, none.brightness) = (0, 0, false, 0, 0)
        (none.cast, none.greyed, none.cutout) = (0, 0, 0)
        return none
    }

    private func apply(_ augmentation: StrongAugmentation, seed: UInt64) -> [Float] {
        let pixels = (0..<shape.count).map { UInt8($0) }
        var values = [Float](repeating: .nan, count: shape.count)
        var generator = SeededGenerator(seed: seed)
        pixels.withUnsafeBufferPointer { pixels in
            values.withUnsafeMutableBufferPointer { values in
                augmentation.apply(
                    pixels, shape: shape, preprocessing: preprocessing, into: values, using: &generator)
            }
        }
        return values
    }

    private var plain: [Float] {
        var planes = [Float](repeating: 0, count: shape.count)
        (0..<shape.count).map { UInt8($0) }.withUnsafeBufferPointer {
            preprocessing.normalize($0, shape: shape, into: &planes)
        }
        return planes
    }

    private func areClose(_ one: [Float], _ other: [Float]) -> Bool {
        zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 }
    }

    @Test func withoutStrengthItIsTheNormalizationOfInference() {
        #expect(areClose(apply(none, seed: 1), plain))
    }

    @Test func mirrorsHalfOfTheImages() {
        var augmentation = none
        augmentation.mirrors = true
        let mirrored = (0..<24).flatMap { row in plain[row * 10..<(row + 1) * 10].reversed() }
        let images = (0..<100 as Range<UInt64>).map { apply(augmentation, seed: $0) }
        let count = images.count { areClose($0, mirrored) }
        #expect(30...70 ~= count && count + images.count { areClose($0, plain) } == 100)
    }

    @Test func warpedImagesHoldNoColourThatTheImageLacks() {
        var augmentation = none
        (augmentation.warped, augmentation.shift, augmentation.mirrors) = (1, 0.2, true)
        for seed in 0..<50 as Range<UInt64> {
            let values = apply(augmentation, seed: seed)
            for channel in 0..<3 {
                let range = channel * shape.area..<(channel + 1) * shape.area
                let (least, most) = (plain[range].min() ?? 0, plain[range].max() ?? 0)
                #expect(values[range].allSatisfy { $0 >= least - 1e-4 && $0 <= most + 1e-4 })
            }
            #expect(!areClose(values, plain))
        }
    }

    @Test func greyedImagesLoseOnlyColour() {
        var augmentation = none
        augmentation.greyed = 1
        let values = apply(augmentation, seed: 4)
        for index in 0..<shape.area {
            let (found, given) = (0..<3).reduce(into: (Float(0), Float(0))) {
                $0.0 += values[$1 * shape.area + index]
                $0.1 += plain[$1 * shape.area + index]
            }
            #expect(abs(found - given) < 1e-3)
            #expect(abs(values[index] - values[shape.area + index]) < abs(plain[index] - plain[shape.area + index]))
        }
    }

    @Test func cutsARectangleToTheMeanColour() {
        var augmentation = none
        augmentation.cutout = 0.5
        for seed in 0..<20 as Range<UInt64> {
            let zeros = apply(augmentation, seed: seed).count { $0 == 0 }
            #expect(zeros >= 3 * 4 && zeros <= 3 * 20)
        }
    }

    @Test func equalSeedsGiveEqualImages() {
        #expect(apply(StrongAugmentation(), seed: 4) == apply(StrongAugmentation(), seed: 4))
        #expect(apply(StrongAugmentation(), seed: 4) != apply(StrongAugmentation(), seed: 5))
        #expect((0..<50 as Range<UInt64>).allSatisfy { apply(StrongAugmentation(), seed: $0).allSatisfy(\.isFinite) })
    }
}
