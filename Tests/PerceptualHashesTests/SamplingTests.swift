import Testing

import PerceptualHashes

@Suite struct SamplingTests {
    /// The means of a box around every number, straight from the definition.
    static func boxed(_ numbers: [Double]) -> [Double] {
        let size = (numbers.count + 127) / 128
        // A window of 7 has 3 on either side, one of 8 has 3 on the left and 4 on the right.
        let (left, right) = (size - (size + 2) / 2, (size + 2) / 2 - 1)
        return numbers.indices.map { centre in
            let window = numbers[max(0, centre - left)...min(numbers.count - 1, centre + right)]
            return window.reduce(0, +) / Double(window.count)
        }
    }

    /// Blurs rows, columns, rows and columns, and takes the samples.
    static func naiveSamples(_ image: TestImage) -> [Double] {
        var rows = (0..<image.height).map { y in
            (0..<image.width).map { x in
                let start = (y * image.width + x) * image.layout.channels
                let pixel = image.pixels[start..<start + image.layout.channels].map(Double.init)
                return pixel.count == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
            }
        }
        func transposed(_ rows: [[Double]]) -> [[Double]] { rows[0].indices.map { x in rows.map { $0[x] } } }
        for _ in 0..<2 { rows = transposed(transposed(rows.map(boxed)).map(boxed)) }
        return (0..<64).flatMap { i in
            (0..<64).map { j in
                let y = (Double(i) + 0.5) * Double(image.height) / 64
                let x = (Double(j) + 0.5) * Double(image.width) / 64
                return rows[Int(y)][Int(x)]
            }
        }
    }

    @Test(arguments: [1, 2, 5, 63, 64, 65, 127, 128, 129, 256, 257, 500, 1024, 1025, 4000, 40_000])
    func weightsOfAnAxisAreThoseOfTwoBoxes(length: Int) {
        for (index, sample) in AxisSampling(length: length, reversed: false).samples.enumerated() {
            let centre = Int((Double(index) + 0.5) * Double(length) / 64)
            #expect(sample.start <= centre && centre < sample.end && sample.end <= length)
            #expect(sample.weights.reduce(0, +) == sample.denominator)
            // The response to a single 1, near the centre and at both ends of the support.
            for place in Set([sample.start, centre, sample.end - 1]) where length <= 1100 {
                var signal = [Double](repeating: 0, count: length)
                signal[place] = 1
                let expected = Self.boxed(Self.boxed(signal))[centre]
                let weight = Double(sample.weights[place - sample.start]) / Double(sample.denominator)
                #expect(abs(expected - weight) < 1e-12)
            }
        }
    }

    @Test(arguments: [(64, 64), (5, 5), (7, 300), (200, 50), (129, 130), (320, 257), (640, 70)])
    func blocksAreThoseOfTheDefinition(width: Int, height: Int) throws {
        for layout in [PixelLayout.grey, .rgb] {
            let image = TestImage(width: width, height: height, layout: layout, seed: UInt64(width + height))
            let block = try image.block()
            for (sample, expected) in zip(block.samples, Self.naiveSamples(image)) {
                #expect(abs(Double(sample) / Double(LumaBlock.unitsPerLevel) - expected) < 1e-5)
            }
        }
    }

    @Test func longSidesAreAddedUpWithoutLoss() throws {
        // So long that sums of bytes need 64 bits and sums of sums 128; white stays white.
        for (width, height) in [(40_000, 6), (6, 40_000), (70_000, 9)] {
            let white = [UInt8](repeating: 255, count: width * height)
            let block = try LumaBlock(white, width: width, height: height, layout: .grey)
            #expect(block.samples.allSatisfy { $0 == 255 * LumaBlock.unitsPerLevel })
        }
        // A window of even size reaches over the edge, where its mean is of one pixel less.
        #expect(AxisSampling(length: 65_536, reversed: false).denominator == 512 * 512 * 511)
        #expect(AxisSampling(length: 65_600, reversed: false).denominator == 513 * 513)
    }

    @Test func rowsMayComeInAnyPortions() throws {
        let image = TestImage(width: 301, height: 203, seed: 3)
        let whole = try image.block()
        for portion in [1, 16, 100] {
            var sampler = try LumaSampler(width: 301, height: 203, layout: .rgb)
            for row in stride(from: 0, to: 203, by: portion) {
                try sampler.append(rows: Array(image.pixels[row * 903..<min(203, row + portion) * 903]))
            }
            #expect(try sampler.finish() == whole)
        }
    }

    @Test func orientationIsThatOfTheTurnedPixels() throws {
        for (width, height) in [(150, 90), (90, 301), (40, 258)] {
            let image = TestImage(width: width, height: height, seed: 4)
            for variant in ImageVariant.allCases {
                #expect(try image.block(orientation: variant) == image.turned(variant).block())
            }
        }
        // What the numbers mean: 6 is a picture taken with the camera's right side down.
        let names: [ImageVariant] = [
            .original, .original, .mirrored, .rotated180, .flipped, .transposed, .rotated270, .antitransposed,
            .rotated90, .original,
        ]
        #expect((0...9).map { ImageVariant(exifOrientation: $0) } == names)
    }

    @Test func turningTwiceIsTurningAtOnce() throws {
        let image = TestImage(width: 7, height: 5, layout: .grey, seed: 6)
        for first in ImageVariant.allCases {
            for second in ImageVariant.allCases {
                #expect(image.turned(first).turned(second).pixels == image.turned(first.then(second)).pixels)
            }
        }
    }

    /// In a time that grows with the length, not with its square.
    @Test func theLongestAxesAreSampledSoon() {
        for length in [4_000_000, 1 << 22] {
            let axis = AxisSampling(length: length, reversed: false)
            #expect(axis.samples.allSatisfy { $0.weights.reduce(0, +) == $0.denominator })
            #expect(!axis.denominator.multipliedReportingOverflow(by: 255 * 1000).overflow, "of thousandths of a level")
        }
    }

    @Test func pixelsThatAreNoImageAreRefused() throws {
        #expect(throws: PerceptualHashError.invalidSize(width: 1 << 25, height: 4)) {
            try LumaSampler(width: 1 << 25, height: 4, layout: .grey)
        }
        #expect(throws: PerceptualHashError.invalidSize(width: 0, height: 4)) {
            try LumaBlock([], width: 0, height: 4, layout: .grey)
        }
        #expect(throws: PerceptualHashError.wrongLength(expected: 12, found: 11)) {
            try LumaBlock([UInt8](repeating: 0, count: 11), width: 2, height: 2, layout: .rgb)
        }
        #expect(throws: PerceptualHashError.wrongLength(expected: 4, found: 2)) {
            try LumaBlock([1, 2], width: 2, height: 2, layout: .grey)
        }
        #expect(throws: PerceptualHashError.wrongLength(expected: 4, found: 6)) {
            try LumaBlock([UInt8](repeating: 0, count: 6), width: 2, height: 2, layout: .grey)
        }
    }
}
