/// DNNH's loss as a function of the network's logits: code c = σ(slope·logit), then the threshold g, then the triplets.
package struct LogitTripletLoss: Hashable, Sendable {
    /// The loss on codes.
    package let triplet: TripletLoss
    /// g; the identity at band 0.5.
    package let threshold: PiecewiseThreshold
    /// 1 in the paper; at 2 a batch-normalised logit of ±1 is nearly a bit.
    package let slope: Float

    package init(triplet: TripletLoss, threshold: PiecewiseThreshold = PiecewiseThreshold(), slope: Float = 1) {
        self.triplet = triplet
        self.threshold = threshold
        self.slope = slope
    }

    /// The in-batch form; the gradient is by the logits (images × bits).
    package func evaluateBatch(logits: [Float], labels: [Int]) -> TripletLoss.BatchValue {
        let codes = logits.map { sigmoid(slope * $0) }
        var result = triplet.evaluateBatch(codes: codes.map { threshold($0) }, labels: labels)
        for index in codes.indices {
            let code = codes[index]
            result.loss.gradient[index] *= slope * threshold.derivative(code) * code * (1 - code)
        }
        return result
    }
}
