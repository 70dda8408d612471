import Foundation

/// A loss of a batch: its value, and its gradient by the network's outputs.
package struct LossValue: Hashable, Sendable {
    /// Mean over the batch.
    package var value: Double
    /// Row-major, images × outputs; zero where an output has no part in the loss.
    package var gradient: [Float]
}

/// The loss of CNNH's and CNNH+'s stage 2.
///
/// The paper (Xia et al., AAAI 2014) does not write its loss down; this is our choice. With code logits z, target
/// bits t, label logits u and label y of an image,
///
///     L = (1/q)·Σ_k BCE(σ(z_k), t_k) + λ·CE(softmax(u), y)
///     ∂L/∂z_k = (σ(z_k) − t_k)/q,   ∂L/∂u = λ·(softmax(u) − y)
///
/// averaged over the batch. Without label outputs (CNNH) only the first term remains.
package struct CodeLoss: Hashable, Sendable {
    /// q, the code outputs of an image; they come first.
    package let bits: Int
    /// Label outputs of an image after the code outputs; 0 for CNNH.
    package let classes: Int
    /// λ.
    package let labelWeight: Float

    package init(bits: Int, classes: Int = 0, labelWeight: Float = 1) {
        self.bits = bits
        self.classes = classes
        self.labelWeight = labelWeight
    }

    /// Logits are images × (bits + classes); targets images × bits, each 0, 1 or between; labels one an image.
    package func evaluate(logits: [Float], targets: [Float], labels: [Int]) -> LossValue {
        let outputs = bits + classes
        let count = outputs == 0 ? 0 : logits.count / outputs
        var loss = LossValue(value: 0, gradient: [Float](repeating: 0, count: logits.count))
        for image in 0..<count {
            let row = image * outputs
            for bit in 0..<bits {
                let logit = logits[row + bit]
                let target = targets[image * bits + bit]
                loss.value += Double(softplus(logit) - target * logit) / Double(bits)
                loss.gradient[row + bit] = (sigmoid(logit) - target) / Float(bits * count)
            }
            if classes > 0 {
                addCrossEntropy(of: logits[row + bits..<row + outputs], label: labels[image], count: count, to: &loss)
            }
        }
        loss.value /= Double(max(count, 1))
        return loss
    }

    private func addCrossEntropy(of logits: ArraySlice<Float>, label: Int, count: Int, to loss: inout LossValue) {
        let largest = logits.max() ?? 0
        let exponentials = logits.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        loss.value += Double(labelWeight * (log(sum) + largest - logits[logits.startIndex + label]))
        for (output, exponential) in exponentials.enumerated() {
            let target: Float = output == label ? 1 : 0
            loss.gradient[logits.startIndex + output] = labelWeight * (exponential / sum - target) / Float(count)
        }
    }
}

/// 1 / (1 + e^−x) without overflow.
func sigmoid(_ x: Float) -> Float {
    let small = exp(-abs(x))
    return x >= 0 ? 1 / (1 + small) : small / (1 + small)
}

/// log(1 + e^x) without overflow.
func softplus(_ x: Float) -> Float {
    max(x, 0) + log1p(exp(-abs(x)))
}
