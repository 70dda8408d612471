import Foundation
import HashNets
import Testing

/// The formula as it stands, an image and a class at a time, in double precision.
private func naiveLoss(
    _ logits: [Float], targets: [Float], weights: [Float], codewords: [[Bool]], scale: Double, margin: Double,
    labelWeight: Double
) -> Double {
    let (bits, classes) = (codewords[0].count, codewords.count)
    func logSoftmax(_ values: [Double]) -> [Double] {
        let sum = values.reduce(0) { $0 + exp($1) }
        return values.map { $0 - log(sum) }
    }
    return weights.indices.reduce(0) { total, image in
        let row = logits[image * (bits + classes)..<(image + 1) * (bits + classes)].map { Double($0) }
        let target = (0..<classes).map { Double(targets[image * classes + $0]) }
        let length = row[0..<bits].reduce(0) { $0 + $1 * $1 }.squareRoot()
        let cosines = codewords.map { codeword in
            zip(row, codeword).reduce(0) { $0 + $1.0 * ($1.1 ? 1 : -1) } / length / Double(bits).squareRoot()
        }
        let code = logSoftmax(zip(cosines, target).map { scale * ($0 - margin * $1) })
        let label = logSoftmax(Array(row[bits...]))
        let loss = (0..<classes).reduce(0) { $0 - target[$1] * (code[$1] + labelWeight * label[$1]) }
        return total + Double(weights[image]) * loss
    }
}

@Suite struct CodewordLossTests {
    private let codewords = Codebook(classes: 4, bits: 6, seed: 2).codes
    private let targets: [Float] = [1, 0, 0, 0, 0.1, 0.7, 0.1, 0.1, 0, 0, 0, 1]
    private let weights: [Float] = [0.5, 0.2, 0.3]

    @Test func valueIsTheFormulasAndGradientIsThatOfTheValue() {
        let loss = CodewordLoss(codewords: codewords, scale: 5, margin: 0.3, labelWeight: 0.7)
        let logits = uniforms(3 * 10, -2...2, seed: 1)
        let value = loss.evaluate(logits: logits, targets: targets, weights: weights)
        let expected = naiveLoss(
            logits, targets: targets, weights: weights, codewords: codewords, scale: 5, margin: 0.3, labelWeight: 0.7)
        #expect(abs(value.value - expected) < 1e-5)
        #expect(gradientError(logits) { loss.evaluate(logits: $0, targets: targets, weights: weights) } < 5e-3)
    }

    @Test func lengthOfACodeDoesNotMatter() {
        let loss = CodewordLoss(codewords: codewords)
        let logits = uniforms(10, -2...2, seed: 3)
        let longer = logits.enumerated().map { $0.offset < 6 ? 3 * $0.element : $0.element }
        let target: [Float] = [0, 1, 0, 0]
        let (one, other) = (
            loss.evaluate(logits: logits, targets: target, weights: [1]),
            loss.evaluate(logits: longer, targets: target, weights: [1])
        )
        #expect(abs(one.value - other.value) < 1e-5)
        // So a step along the code changes nothing.
        #expect(abs(zip(one.gradient, logits).prefix(6).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-5)
    }

    @Test func imagesOfWeightZeroTeachNothing() {
        let loss = CodewordLoss(codewords: codewords)
        let logits = uniforms(30, -2...2, seed: 4)
        let value = loss.evaluate(logits: logits, targets: targets, weights: [0, 1, 0])
        let alone = loss.evaluate(logits: Array(logits[10..<20]), targets: Array(targets[4..<8]), weights: [1])
        #expect(value.value == alone.value && Array(value.gradient[10..<20]) == alone.gradient)
        #expect(value.gradient[0..<10].allSatisfy { $0 == 0 } && value.gradient[20...].allSatisfy { $0 == 0 })
    }

    @Test func hugeAndZeroLogitsStayFinite() {
        let loss = CodewordLoss(codewords: codewords)
        for logits in [[Float](repeating: 0, count: 10), [Float](repeating: 1e6, count: 10)] {
            let value = loss.evaluate(logits: logits, targets: [1, 0, 0, 0], weights: [1])
            #expect(value.value.isFinite && value.gradient.allSatisfy(\.isFinite))
        }
    }

    @Test func steeperLogisticCodesHaveTheGradientOfTheirValue() {
        let logits = uniforms(6 * 4, -1...1, seed: 8)
        let loss = LogitTripletLoss(triplet: TripletLoss(bits: 4, margin: 20), slope: 2)
        #expect(gradientError(logits) { loss.evaluateBatch(logits: $0, labels: [0, 0, 1, 1, 2, 2]).loss } < 2e-3)
    }
}
