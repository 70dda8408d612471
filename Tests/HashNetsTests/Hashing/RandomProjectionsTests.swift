import Foundation
import HashNets
import Testing

/// Share of differing bits of two vectors at an angle, for many draws of the directions.
private func shares(dimension: Int, bits: Int, batch: Int, degrees: Double, trials: Int) throws -> [Double] {
    let angle = degrees * .pi / 180
    var first = [Double](repeating: 0, count: dimension)
    var second = first
    first[0] = 1
    second[0] = cos(angle)
    second[1] = sin(angle)
    return try (0..<trials).map { trial in
        let projections = try RandomProjections(
            dimension: dimension, bits: bits, batch: batch, seed: UInt64(trial) &* 7919 &+ 13)
        return Double(zip(projections.bits(of: first), projections.bits(of: second)).count { $0 != $1 }) / Double(bits)
    }
}

private func meanAndVariance(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
}

@Suite struct RandomProjectionsTests {
    @Test func directionsOfABatchAreOrthonormal() throws {
        let projections = try RandomProjections(dimension: 20, bits: 50, batch: 20, seed: 3)
        for first in 0..<50 {
            for second in 0..<50 where first / 20 == second / 20 {
                let product = (0..<20).reduce(0.0) {
                    $0 + projections.directions[first * 20 + $1] * projections.directions[second * 20 + $1]
                }
                #expect(abs(product - (first == second ? 1 : 0)) < 1e-12)
            }
        }
    }

    @Test(arguments: [1, 16, 32], [60.0, 90, 120])
    func differingBitsEstimateTheAngle(batch: Int, degrees: Double) throws {
        let values = try shares(dimension: 32, bits: 32, batch: batch, degrees: degrees, trials: 300)
        let (mean, variance) = meanAndVariance(values)
        #expect(abs(mean - degrees / 180) <= 4 * (variance / 300).squareRoot())
    }

    @Test func orthogonalBatchesHaveLessVariance() throws {
        let independent = meanAndVariance(try shares(dimension: 32, bits: 32, batch: 1, degrees: 90, trials: 400))
        let orthogonal = meanAndVariance(try shares(dimension: 32, bits: 32, batch: 32, degrees: 90, trials: 400))
        #expect(abs(independent.variance / (0.25 / 32) - 1) < 0.25)
        #expect(orthogonal.variance / (0.25 / 32) < 0.75)
    }

    @Test func impossibleSizesAreRefused() {
        #expect(throws: LearningError.self) { try RandomProjections(dimension: 8, bits: 4, batch: 9, seed: 1) }
        #expect(throws: LearningError.self) { try RandomProjections(dimension: 8, bits: 0, seed: 1) }
        #expect(throws: LearningError.self) { try RandomProjections(dimension: 0, bits: 4, seed: 1) }
    }

    @Test(arguments: [1, 12])
    func modelOverPixelsGivesTheSignsOfCentredProjections(batch: Int) throws {
        let images = syntheticImages(perClass: 6, side: 4)
        let projections = try RandomProjections(dimension: 48, bits: 12, batch: batch, seed: 5)
        let model = try LocalitySensitiveHashing(projections, of: images).model()
        #expect(model.name.hasPrefix(batch == 1 ? "lsh" : "bolsh"))
        let codes = try model.encode(pixels: images.pixels, count: images.count)
        let vectors = (0..<images.count).map { image in
            (0..<48).map { Double(images.pixels[image * 48 + $0 % 16 * 3 + $0 / 16]) / 255 }
        }
        let mean = (0..<48).map { index in vectors.reduce(0) { $0 + $1[index] } / Double(images.count) }
        for (image, vector) in vectors.enumerated() {
            let bits = projections.bits(of: zip(vector, mean).map { $0 - $1 })
            for (bit, isSet) in bits.enumerated() {
                #expect((codes[image * 2 + bit / 8] >> UInt8(bit % 8) & 1 == 1) == isSet)
            }
        }
    }

    @Test func modelOverANetworksFeaturesIsAnOrdinaryWeightFile() throws {
        let images = syntheticImages(perClass: 8, side: 32)
        var configuration = TrainingConfiguration(.cnnh, bits: 8)
        configuration.batch = 8
        let path = temporaryPath("features.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Trainer(configuration, images: images).writeModel(to: path)
        let projections = try RandomProjections(dimension: 500, bits: 24, seed: 5)
        let model = try LocalitySensitiveHashing(projections, ofFeaturesOf: path, on: images).model()
        #expect(model.bitCount == 24)
        let codes = try model.encode(pixels: images.pixels, count: images.count)
        let ones = codes.reduce(0) { $0 + $1.nonzeroBitCount }
        // Centred features: without the bias nearly every bit would be constant, and their share far from one half.
        #expect(abs(Double(ones) / Double(images.count * 24) - 0.5) < 0.2)
        let misfit = try RandomProjections(dimension: 499, bits: 24, seed: 5)
        #expect(throws: LearningError.self) {
            try LocalitySensitiveHashing(misfit, ofFeaturesOf: path, on: images)
        }
    }
}
