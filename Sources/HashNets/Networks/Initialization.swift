import Foundation

/// How weights start; biases start at zero.
package enum Initialization: Hashable, Sendable {
    /// Normal with the deviations that the papers' files name. Slow to leave for deep networks.
    case paper
    /// Normal with deviation √(2 / fan-in) before rectifiers and √(1 / fan-in) before the outputs (He et al., "Delving
    /// Deep into Rectifiers", ICCV 2015, section 2.2): signals keep their size through all layers.
    case he
    /// All zero, for weights that are loaded anyway.
    case zero
}

extension Architecture {
    /// Standard deviation for each weight by name.
    func deviations(_ initialization: Initialization) -> [String: Double] {
        var deviations: [String: Double] = [:]
        if initialization == .zero { return deviations }
        for (index, layer) in layers.enumerated() {
            let input = inputShape(ofLayer: index)
            let rectified = index + 1 < layers.count && layers[index + 1] == .rectifier
            func deviation(fanIn: Int, paper: Float) -> Double {
                initialization == .paper ? Double(paper) : ((rectified ? 2 : 1) / Double(fanIn)).squareRoot()
            }
            switch layer {
            case .convolution(let convolution):
                deviations["\(convolution.name).weight"] = deviation(
                    fanIn: input.channels * convolution.size * convolution.size, paper: convolution.deviation)
            case .innerProduct(let heads):
                for head in heads {
                    deviations["\(head.name).weight"] = deviation(fanIn: input.count, paper: head.deviation)
                }
            case .dividedInnerProduct(let head):
                deviations["\(head.name).weight"] = deviation(
                    fanIn: input.count / head.outputs, paper: head.deviation)
            case .rectifier, .pooling, .globalAveragePooling, .localResponseNormalization, .dropout:
                break
            }
        }
        return deviations
    }
}

extension SeededGenerator {
    /// A standard normal number by the Box-Muller transform.
    package mutating func nextNormal() -> Double {
        let radius = (-2 * log(1 - nextUniform())).squareRoot()
        return radius * cos(2 * .pi * nextUniform())
    }
}
