/// DNNH's loss as a function of the network's logits: code c = σ(logit), then the threshold g, then the triplets.
package struct LogitTripletLoss: Hashable, Sendable {
    /// The loss on codes.
    package let triplet: TripletLoss
    /// g; the identity at band 0.5.
    package let threshold: PiecewiseThreshold

    package init(triplet: TripletLoss, threshold: PiecewiseThreshold = PiecewiseThreshold()) {
        self.triplet = triplet
        self.threshold = threshold
    }

    /// The in-batch form; the gradient is by the logits (images × bits).
    package func evaluateBatch(logits: [Float], labels: [Int]) -> TripletLoss.BatchValue {
        let codes = logits.map { sigmoid($0) }
        var result = triplet.evaluateBatch(codes: codes.map { threshold($0) }, labels: labels)
        for index in codes.indices {
            let code = codes[index]
            result.loss.gradient[index] *= threshold.derivative(code) * code * (1 - code)
        }
        return result
    }
}
