import Foundation

/// The loss of code and label outputs against one codeword a class.
///
/// With code logits z of an image, unit codewords c_k, label logits u and target probabilities t,
///
///     L = −Σ_k t_k·log softmax_k(s·(cos(z, c_k) − m·t_k)) − λ·Σ_k t_k·log softmax_k(u)
///
/// so that a code turns towards the codeword of its class until it is nearer than all others by a margin; its length
/// does not matter, as it does not to the signs (large-margin cosine: Wang et al., "CosFace", CVPR 2018; with codewords
/// of ±1 that are far apart: Hoe et al., "One Loss for All", NeurIPS 2021). With a_k = s·(cos_k − m·t_k), p = softmax(a)
/// and ẑ = z/‖z‖,
///
///     ∂L/∂z = Σ_k s·(p_k − t_k)·(c_k − cos_k·ẑ)/‖z‖,   ∂L/∂u = λ·(softmax(u) − t)
package struct CodewordLoss: Hashable, Sendable {
    /// q, the code outputs of an image; they come first.
    package let bits: Int
    /// Label outputs of an image after the code outputs.
    package let classes: Int
    /// s.
    package let scale: Float
    /// m.
    package let margin: Float
    /// λ.
    package let labelWeight: Float
    /// Classes × bits, of length 1 each.
    private let codewords: [Float]

    /// One codeword of truth values for each class.
    package init(
        codewords: [[Bool]], scale: Float = 8, margin: Float = 0.2, labelWeight: Float = 0.5
    ) {
        bits = codewords.first?.count ?? 0
        classes = codewords.count
        self.scale = scale
        self.margin = margin
        self.labelWeight = labelWeight
        let entry = 1 / Float(max(bits, 1)).squareRoot()
        self.codewords = codewords.flatMap { $0.map { $0 ? entry : -entry } }
    }

    /// The sum of the images' losses, each times its weight. Logits are images × (bits + classes), targets images ×
    /// classes and sum to 1 for each image.
    package func evaluate(logits: [Float], targets: [Float], weights: [Float]) -> LossValue {
        precondition(logits.count == weights.count * (bits + classes) && targets.count == weights.count * classes)
        var loss = LossValue(value: 0, gradient: [Float](repeating: 0, count: logits.count))
        for (image, weight) in weights.enumerated() where weight != 0 {
            let row = image * (bits + classes)
            let target = targets[image * classes..<(image + 1) * classes]
            addCode(logits[row..<row + bits], target: target, weight: weight, to: &loss)
            addLabel(logits[row + bits..<row + bits + classes], target: target, weight: weight, to: &loss)
        }
        return loss
    }

    private func addCode(_ code: ArraySlice<Float>, target: ArraySlice<Float>, weight: Float, to loss: inout LossValue)
    {
        let length = max(code.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6)
        let cosines = (0..<classes).map { label in
            zip(code, codewords[label * bits..<(label + 1) * bits]).reduce(0) { $0 + $1.0 * $1.1 } / length
        }
        let softmax = Softmax(zip(cosines, target).map { scale * ($0 - margin * $1) })
        loss.value += Double(weight * softmax.crossEntropy(target))
        for (label, (probability, wanted)) in zip(softmax.probabilities, target).enumerated() {
            let slope = weight * scale * (probability - wanted) / length
            for bit in 0..<bits {
                let direction = codewords[label * bits + bit] - cosines[label] * code[code.startIndex + bit] / length
                loss.gradient[code.startIndex + bit] += slope * direction
            }
        }
    }

    private func addLabel(
        _ logits: ArraySlice<Float>, target: ArraySlice<Float>, weight: Float, to loss: inout LossValue
    ) {
        let softmax = Softmax(Array(logits))
        loss.value += Double(weight * labelWeight * softmax.crossEntropy(target))
        for (label, (probability, wanted)) in zip(softmax.probabilities, target).enumerated() {
            loss.gradient[logits.startIndex + label] = weight * labelWeight * (probability - wanted)
        }
    }
}

/// e^x_k / Σ e^x, without overflow.
package struct Softmax: Hashable, Sendable {
    /// They sum to 1.
    package let probabilities: [Float]
    private let logarithms: [Float]

    package init(_ logits: [Float]) {
        let largest = logits.max() ?? 0
        let exponentials = logits.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        probabilities = exponentials.map { $0 / sum }
        logarithms = logits.map { $0 - largest - log(sum) }
    }

    /// −Σ_k t_k·log p_k.
    package func crossEntropy(_ target: some Sequence<Float>) -> Float {
        -zip(target, logarithms).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
