/// The triplet ranking loss of DNNH on codes b ∈ [0, 1]^q (Lai et al., "Simultaneous Feature Learning and Hash Coding
/// with Deep Neural Networks", CVPR 2015, formula 2):
///
///     l(b, b⁺, b⁻) = max(0, ‖b − b⁺‖² − ‖b − b⁻‖² + margin)
///     ∂l/∂b = 2·(b⁻ − b⁺),   ∂l/∂b⁺ = 2·(b⁺ − b),   ∂l/∂b⁻ = 2·(b − b⁻),   each where l > 0
///
/// The paper prints the third gradient with the opposite sign. It is as here: l does not change when all three codes
/// shift together, so the three must add up to zero. The paper's margin is 1 for every q.
package struct TripletLoss: Hashable, Sendable {
    /// q.
    package let bits: Int
    /// By how much another class must be farther than the own one, in squared distance.
    package let margin: Float

    package init(bits: Int, margin: Float = 1) {
        self.bits = bits
        self.margin = margin
    }

    /// Rows of a batch: an image, one more like it, one less like it.
    package struct Triplet: Hashable, Sendable {
        package var anchor: Int
        package var positive: Int
        package var negative: Int

        package init(anchor: Int, positive: Int, negative: Int) {
            self.anchor = anchor
            self.positive = positive
            self.negative = negative
        }
    }

    /// The loss of sampled triplets as in the paper, mean over all of them; codes are images × bits, and so is the gradient.
    package func evaluate(codes: [Float], triplets: [Triplet]) -> LossValue {
        let scale = 1 / Float(max(triplets.count, 1))
        var loss = LossValue(value: 0, gradient: [Float](repeating: 0, count: codes.count))
        for triplet in triplets {
            let anchor = triplet.anchor * bits
            let positive = triplet.positive * bits
            let negative = triplet.negative * bits
            let hinge = squaredDistance(codes, anchor, positive) - squaredDistance(codes, anchor, negative) + margin
            guard hinge > 0 else { continue }
            loss.value += Double(hinge * scale)
            for bit in 0..<bits {
                let (b, near, far) = (codes[anchor + bit], codes[positive + bit], codes[negative + bit])
                loss.gradient[anchor + bit] += 2 * scale * (far - near)
                loss.gradient[positive + bit] += 2 * scale * (near - b)
                loss.gradient[negative + bit] += 2 * scale * (b - far)
            }
        }
        return loss
    }

    func squaredDistance(_ codes: [Float], _ first: Int, _ second: Int) -> Float {
        var sum: Float = 0
        for bit in 0..<bits {
            let difference = codes[first + bit] - codes[second + bit]
            sum += difference * difference
        }
        return sum
    }
}
