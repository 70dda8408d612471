import Foundation
import HashNets
import Testing

func uniforms(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: range, using: &generator) }
}

/// Largest difference between a gradient and central differences of the loss, relative to the largest derivative.
func gradientError(_ inputs: [Float], step: Float = 1e-2, _ loss: ([Float]) -> LossValue) -> Double {
    let gradient = loss(inputs).gradient
    let scale = gradient.map { Double(abs($0)) }.max() ?? 1
    return inputs.indices.map { index in
        var above = inputs
        var below = inputs
        above[index] += step
        below[index] -= step
        let slope = (loss(above).value - loss(below).value) / Double(above[index] - below[index])
        return abs(slope - Double(gradient[index])) / scale
    }.max() ?? 0
}

/// Every pair of a class with every image of another class.
private func allTriplets(labels: [Int]) -> [TripletLoss.Triplet] {
    labels.indices.flatMap { anchor in
        labels.indices.filter { $0 != anchor && labels[$0] == labels[anchor] }.flatMap { positive in
            labels.indices.filter { labels[$0] != labels[anchor] }.map { negative in
                TripletLoss.Triplet(anchor: anchor, positive: positive, negative: negative)
            }
        }
    }
}

@Suite struct LossTests {
    @Test(arguments: [0, 4])
    func codeLossHasTheGradientOfItsValue(classes: Int) {
        let loss = CodeLoss(bits: 6, classes: classes, labelWeight: 0.7)
        let logits = uniforms(5 * (6 + classes), -3...3, seed: 1)
        let targets = uniforms(5 * 6, 0...1, seed: 2).map { $0.rounded() }
        let error = gradientError(logits) { loss.evaluate(logits: $0, targets: targets, labels: [0, 1, 2, 3, 1]) }
        #expect(error < 2e-3)
    }

    @Test func codeLossStaysFiniteForHugeLogits() {
        let loss = CodeLoss(bits: 2, classes: 2)
        let value = loss.evaluate(logits: [1e4, -1e4, 2e4, -2e4], targets: [0, 1], labels: [1])
        #expect(value.value.isFinite && value.gradient.allSatisfy(\.isFinite))
        #expect(abs(value.value - (1e4 + 4e4)) < 10)
    }

    @Test func tripletGradientsAreThePapersWithTheThirdOnesSignCorrected() {
        let codes: [Float] = [0.5, 0.5, 0.9, 0.1, 0.6, 0.7]
        let triplet = TripletLoss.Triplet(anchor: 0, positive: 1, negative: 2)
        let value = TripletLoss(bits: 2).evaluate(codes: codes, triplets: [triplet])
        #expect(abs(value.value - (0.32 - 0.05 + 1)) < 1e-6)
        let expected: [Float] = [2 * (0.6 - 0.9), 2 * (0.7 - 0.1), 2 * (0.9 - 0.5), 2 * (0.1 - 0.5), -0.2, -0.4]
        for (gradient, expected) in zip(value.gradient, expected) { #expect(abs(gradient - expected) < 1e-6) }
    }

    @Test func tripletLossHasTheGradientOfItsValue() {
        let loss = TripletLoss(bits: 5, margin: 1)
        let codes = uniforms(30, 0...1, seed: 4)
        let triplets = allTriplets(labels: [0, 0, 1, 1, 2, 0])
        #expect(gradientError(codes, step: 1e-3) { loss.evaluate(codes: $0, triplets: triplets) } < 1e-2)
        let gradient = loss.evaluate(codes: codes, triplets: triplets).gradient
        for bit in 0..<5 {
            #expect(abs((0..<6).reduce(Float(0)) { $0 + gradient[$1 * 5 + bit] }) < 1e-5)
        }
    }

    @Test(arguments: [1, 3] as [Float])
    func batchFormEqualsTheListOfAllTriplets(margin: Float) {
        let labels = [0, 1, 2, 0, 1, 2, 0, 3, 3, 1]
        let codes = uniforms(10 * 8, 0...1, seed: 6)
        let loss = TripletLoss(bits: 8, margin: margin)
        let triplets = allTriplets(labels: labels)
        let listed = loss.evaluate(codes: codes, triplets: triplets)
        let batch = loss.evaluateBatch(codes: codes, labels: labels)
        #expect(batch.triplets == triplets.count)
        let share = Double(batch.activeTriplets) / Double(batch.triplets)
        #expect(abs(batch.loss.value * share - listed.value) < 1e-5)
        for (one, other) in zip(batch.loss.gradient, listed.gradient) {
            #expect(abs(Double(one) * share - Double(other)) < 1e-5)
        }
    }

    @Test func batchWithoutActiveTripletsHasNoGradient() {
        let codes: [Float] = [0, 0, 0, 0, 1, 1, 1, 1]
        let value = TripletLoss(bits: 2, margin: 1).evaluateBatch(codes: codes, labels: [0, 0, 1, 1])
        #expect(value.activeTriplets == 0 && value.loss.value == 0)
        #expect(value.loss.gradient.allSatisfy { $0 == 0 })
        #expect(TripletLoss(bits: 2).evaluateBatch(codes: codes, labels: [5, 5, 5, 5]).triplets == 0)
    }

    @Test func logitFormHasTheGradientOfItsValue() {
        let logits = uniforms(6 * 4, -2...2, seed: 8)
        // A margin that keeps every triplet active, so that the mean over active triplets is smooth.
        let loss = LogitTripletLoss(triplet: TripletLoss(bits: 4, margin: 20))
        #expect(gradientError(logits) { loss.evaluateBatch(logits: $0, labels: [0, 0, 1, 1, 2, 2]).loss } < 2e-3)
    }

    @Test func thresholdIsTheIdentityAtFirstAndShrinksByAFifth() {
        let identity = PiecewiseThreshold()
        for value: Float in [0, 0.2, 0.5, 1] {
            #expect(identity(value) == value && identity.derivative(value) == 1)
        }
        let narrow = PiecewiseThreshold(step: 20, interval: 10)
        #expect(abs(narrow.band - 0.32) < 1e-6)
        #expect(narrow(0.17) == 0 && narrow(0.83) == 1 && narrow(0.3) == 0.3)
        #expect(narrow.derivative(0.17) == 0 && narrow.derivative(0.3) == 1)
        #expect(PiecewiseThreshold(step: 1000, interval: 0).band == 0.5)
    }

    @Test func outsideTheBandNothingIsLearned() {
        let loss = LogitTripletLoss(
            triplet: TripletLoss(bits: 1, margin: 9), threshold: PiecewiseThreshold(band: 0.1))
        let value = loss.evaluateBatch(logits: [3, 0.1, -3, 0.2], labels: [0, 0, 1, 1])
        #expect(value.loss.gradient[0] == 0 && value.loss.gradient[2] == 0)
        #expect(value.loss.gradient[1] != 0)
    }
}
