/// The loss of codes and labels where images have several labels.
///
/// With code logits z, target bits t of stage 1, label logits u and labels y ∈ {0, 1}^c of an image,
///
///     L = (1/q)·Σ_k BCE(σ(z_k), t_k) + λ·Σ_k BCE(σ(u_k), y_k)
///     ∂L/∂z_k = (σ(z_k) − t_k)/q,   ∂L/∂u_k = λ·(σ(u_k) − y_k)
///
/// averaged over the batch. Labels are independent, so that each has a loss of its own; without label outputs only the
/// first term remains.
package struct MultiLabelLoss: Hashable, Sendable {
    /// q, the code outputs of an image; they come first.
    package let bits: Int
    /// c, label outputs of an image after the code outputs; 0 for none.
    package let classes: Int
    /// λ.
    package let labelWeight: Float

    package init(bits: Int, classes: Int, labelWeight: Float) {
        self.bits = bits
        self.classes = classes
        self.labelWeight = labelWeight
    }

    /// Logits are images × (bits + classes); targets images × bits, each 0, 1 or between; sets hold an image's labels.
    package func evaluate(logits: [Float], targets: [Float], sets: [Set<Int>]) -> LossValue {
        precondition(logits.count == sets.count * (bits + classes) && targets.count == sets.count * bits)
        var loss = LossValue(value: 0, gradient: [Float](repeating: 0, count: logits.count))
        let share = 1 / Float(max(sets.count, 1))
        func add(_ output: Int, target: Float, weight: Float) {
            loss.value += Double(weight * (softplus(logits[output]) - target * logits[output]))
            loss.gradient[output] = weight * (sigmoid(logits[output]) - target)
        }
        for (image, labels) in sets.enumerated() {
            let row = image * (bits + classes)
            for bit in 0..<bits { add(row + bit, target: targets[image * bits + bit], weight: share / Float(bits)) }
            for label in 0..<classes {
                add(row + bits + label, target: labels.contains(label) ? 1 : 0, weight: share * labelWeight)
            }
        }
        return loss
    }
}
