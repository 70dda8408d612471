import Foundation
import HashDB
import Testing

import PerceptualHashes

@Suite struct HashTests {
    /// The transform from its definition.
    static func naiveCoefficients(_ block: LumaBlock) -> [Double] {
        (0..<256).map { place in
            let (i, j) = (place / 16, place % 16)
            var sum = 0.0
            for k in 0..<64 {
                for l in 0..<64 {
                    let vertical = cos(.pi / 128 * Double((i + 1) * (2 * k + 1)))
                    let horizontal = cos(.pi / 128 * Double((j + 1) * (2 * l + 1)))
                    sum += Double(block.samples[64 * k + l]) * vertical * horizontal
                }
            }
            return sum
        }
    }

    @Test func frequenciesAreThoseOfTheDefinition() throws {
        let block = try TestImage(width: 200, height: 140, seed: 1).block()
        let found = FrequencyBlock(block).coefficients
        for (coefficient, expected) in zip(found, Self.naiveCoefficients(block)) {
            // The unit is 2⁻²⁴, of a cosine each way and one way cut.
            #expect(abs(Double(coefficient) / 0x1p24 - expected) < 20_000, "\(coefficient) \(expected)")
        }
        for i in 0..<16 {
            #expect((0..<64).reduce(0) { $0 + CosineTable.cosine(i, $1) } == 0)
            for k in 0..<64 {
                let exact = cos(.pi / 128 * Double((i + 1) * (2 * k + 1))) * 0x1p24
                #expect(abs(Double(CosineTable.cosine(i, k)) - exact) <= 0.5001)
            }
        }
    }

    /// The transform of integers from its definition, in numbers that hold everything.
    static func exactCoefficients(_ block: LumaBlock) -> [Int64] {
        (0..<256).map { place in
            let (i, j) = (place / 16, place % 16)
            var sum: Int128 = 0
            for (sample, value) in block.samples.enumerated() {
                let cosines = CosineTable.cosine(i, sample / 64) * CosineTable.cosine(j, sample % 64)
                sum += Int128(value) * Int128(cosines)
            }
            // Cut towards zero.
            return Int64(sum / (1 << 24))
        }
    }

    @Test func sumsLoseNothingHoweverLarge() throws {
        // White where a frequency is positive, and nothing elsewhere, makes its sums as large as they get.
        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1), (14, 15), (15, 14)] {
            for isWhite: (Int64, Int64) -> Bool in [
                { $0 * $1 > 0 }, { $0 * $1 < 0 }, { a, _ in a > 0 }, { _, b in b < 0 },
            ] {
                let pixels = (0..<4096).map { place -> UInt8 in
                    isWhite(CosineTable.cosine(i, place / 64), CosineTable.cosine(j, place % 64)) ? 255 : 0
                }
                let block = try LumaBlock(pixels, width: 64, height: 64, layout: .grey)
                #expect(FrequencyBlock(block).coefficients == Self.exactCoefficients(block))
            }
        }
        let block = try TestImage(width: 90, height: 71, seed: 3).block()
        #expect(FrequencyBlock(block).coefficients == Self.exactCoefficients(block))
    }

    @Test func bitsCompareWithTheLowerMedian() throws {
        let block = try TestImage(width: 200, height: 140, seed: 2).block()
        let coefficients = Self.naiveCoefficients(block)
        func check(_ code: BinaryCode, _ chosen: [Double], bit: (Int) -> Int) {
            let median = chosen.sorted()[chosen.count / 2 - 1]
            for (index, value) in chosen.enumerated() where abs(value - median) > 1e5 {
                #expect(code[bit: bit(index)] == (value > median))
            }
            #expect(code.bytes.reduce(0) { $0 + $1.nonzeroBitCount } == chosen.count / 2)
        }
        // As text, bit 255 of PDQ is the highest of the first digit.
        check(PerceptualHash.pdq.code(of: block), coefficients) { 8 * (31 - $0 / 8) + $0 % 8 }
        let lowest = (0..<64).map { coefficients[16 * ($0 / 8) + $0 % 8] }
        check(PerceptualHash.phash.code(of: block), lowest) { 8 * ($0 / 8) + 7 - $0 % 8 }
    }

    @Test func dhashComparesNeighbouringCells() throws {
        let block = try TestImage(width: 120, height: 180, seed: 5).block()
        let code = PerceptualHash.dhash.code(of: block)
        for row in 0..<8 {
            // Each sample repeated 9 times, a cell is 64 wide.
            let wide = (0..<64 * 9).map { place in
                (8 * row..<8 * row + 8).reduce(0) { $0 + Int(block.samples[64 * $1 + place / 9]) }
            }
            let cells = (0..<9).map { wide[64 * $0..<64 * $0 + 64].reduce(0, +) }
            for column in 0..<8 {
                #expect(code[bit: 8 * row + 7 - column] == (cells[column + 1] > cells[column]))
            }
        }
    }

    @Test func qualityCountsGradients() throws {
        func quality(_ bytes: [UInt8]) throws -> Int {
            try LumaBlock(bytes, width: 64, height: 64, layout: .grey).quality
        }
        #expect(try quality([UInt8](repeating: 77, count: 4096)) == 0)
        #expect(try quality((0..<4096).map { $0 % 2 == 0 ? 0 : 255 }) == 100)
        // One edge of 51 levels, 20 hundredths, over 64 rows: 1280 / 90.
        #expect(try quality((0..<4096).map { $0 % 64 < 32 ? 0 : 51 }) == 14)
        // Less than a hundredth does not count.
        #expect(try quality((0..<4096).map { UInt8($0 % 64 * 2) }) == 0)
    }

    @Test func flatAndTinyImagesHaveNoBits() throws {
        for hash in PerceptualHash.allCases {
            for (width, height) in [(1, 1), (4, 100), (100, 4), (3, 3), (64, 64), (300, 200), (5, 5)] {
                var image = TestImage(width: width, height: height, seed: 8)
                if min(width, height) >= 5 { image.pixels = image.pixels.map { _ in 200 } }
                let block = try image.block()
                #expect(block.quality == 0)
                #expect(try hash.code(of: block) == BinaryCode(zeros: hash.bitWidth))
                #expect(hash.variants(of: block).allSatisfy { $0.code.bytes.allSatisfy { $0 == 0 } })
            }
        }
    }

    @Test func greyImagesHaveTheCodesOfTheirColouredCopies() throws {
        let grey = TestImage(width: 210, height: 90, layout: .grey, seed: 9)
        let rgb = TestImage(width: 210, height: 90, layout: .rgb, pixels: grey.pixels.flatMap { [$0, $0, $0] })
        #expect(try grey.block() == rgb.block())
    }

    @Test func variantsAreTheCodesOfTurnedPixels() throws {
        // Exact where both axes are symmetric, or where none is reversed.
        for (width, height, isSymmetric) in [
            (64, 64, true), (100, 127, true), (300, 320, true), (90, 600, true), (128, 200, false), (401, 256, false),
        ] {
            let image = TestImage(width: width, height: height, seed: UInt64(width))
            for hash in PerceptualHash.allCases {
                let variants = hash.variants(of: try image.block())
                #expect(variants.map(\.variant) == ImageVariant.allCases)
                #expect(variants[0].code == hash.code(of: try image.block()))
                for (variant, code) in variants {
                    let pixels = hash.code(of: try image.turned(variant).block())
                    let reverses = variant.reversesRows || variant.reversesColumns
                    if isSymmetric || !reverses { #expect(code == pixels, "\(hash) \(variant) \(width)") }
                }
            }
        }
    }

    @Test(arguments: PerceptualHash.allCases)
    func goldenVectorsHold(hash: PerceptualHash) {
        #expect(hash.computedVectors() == hash.goldenVectors)
        #expect(hash.id == "\(hash)/1" && PerceptualHash(id: hash.id) == hash)
        #expect(PerceptualHash(id: "\(hash)") == hash && PerceptualHash(id: "pdq/2") == nil)
    }
}
