extension TripletLoss {
    /// What the in-batch form counts besides the loss.
    package struct BatchValue: Hashable, Sendable {
        /// The loss, mean over the active triplets, and its gradient.
        package var loss: LossValue
        /// Triplets with l > 0.
        package var activeTriplets: Int
        /// Triplets in all.
        package var triplets: Int
    }

    /// The same loss over all triplets of a batch, with one pass of the network per image instead of three per triplet.
    ///
    /// With D the squared distances and W_ap the number of active triplets that pull a to p, less those that push a
    /// from n in W_an, and A = W + Wᵀ, the gradient is (2/Z)·(diag(A·1) − A)·B: O(B²·q + B³) for B images. Z is the
    /// number of active triplets, so that steps do not fade as more and more triplets are satisfied.
    package func evaluateBatch(codes: [Float], labels: [Int]) -> BatchValue {
        let count = labels.count
        let distances = distances(codes: codes, count: count)
        var weights = [Float](repeating: 0, count: count * count)
        var result = BatchValue(
            loss: LossValue(value: 0, gradient: [Float](repeating: 0, count: codes.count)), activeTriplets: 0,
            triplets: 0)
        for anchor in 0..<count {
            addTriplets(anchor: anchor, labels: labels, distances: distances, weights: &weights, result: &result)
        }
        guard result.activeTriplets > 0 else { return result }
        result.loss.value /= Double(result.activeTriplets)
        let scale = 2 / Float(result.activeTriplets)
        for first in 0..<count {
            for second in 0..<count {
                let weight = scale * (weights[first * count + second] + weights[second * count + first])
                guard weight != 0 else { continue }
                for bit in 0..<bits {
                    let difference = codes[first * bits + bit] - codes[second * bits + bit]
                    result.loss.gradient[first * bits + bit] += weight * difference
                }
            }
        }
        return result
    }

    /// Counts the active triplets of an anchor into its row of W, and sums their losses.
    private func addTriplets(
        anchor: Int, labels: [Int], distances: [Float], weights: inout [Float], result: inout BatchValue
    ) {
        let row = anchor * labels.count
        let others = labels.indices.filter { labels[$0] != labels[anchor] }
        for positive in labels.indices where positive != anchor && labels[positive] == labels[anchor] {
            let reach = distances[row + positive] + margin
            var active = 0
            for negative in others {
                let hinge = reach - distances[row + negative]
                guard hinge > 0 else { continue }
                active += 1
                weights[row + negative] -= 1
                result.loss.value += Double(hinge)
            }
            weights[row + positive] += Float(active)
            result.activeTriplets += active
            result.triplets += others.count
        }
    }

    private func distances(codes: [Float], count: Int) -> [Float] {
        var distances = [Float](repeating: 0, count: count * count)
        for first in 0..<count {
            for second in 0..<first {
                let distance = squaredDistance(codes, first * bits, second * bits)
                distances[first * count + second] = distance
                distances[second * count + first] = distance
            }
        }
        return distances
    }
}
