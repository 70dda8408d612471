/// How gradients change parameters.
public enum OptimizerMethod: String, Sendable, CaseIterable {
    /// Stochastic gradient descent with Nesterov's momentum (as in Sutskever et al., ICML 2013); decay joins the
    /// gradient.
    case nesterov
    /// The same with plain momentum.
    case momentum
    /// Adam with decoupled decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019).
    case adam
}

/// Settings of an optimiser that stay the same for a training.
package struct OptimizerSettings: Hashable, Sendable {
    package var method = OptimizerMethod.nesterov
    /// Momentum μ, or Adam's β₁.
    package var momentum: Float = 0.9
    /// Adam's β₂.
    package var squaredMomentum: Float = 0.99
    /// Adam's ε.
    package var epsilon: Float = 1e-8
    /// Decay of weights; biases, scales and shifts have none.
    package var decay: Float = 5e-4
    /// Biases learn at this multiple of the rate; 2 in Caffe's recipes.
    package var biasRate: Float = 1
    /// Gradients of a larger norm, over all parameters, are scaled down to it; 0 for never.
    package var largestNorm: Float = 0
    /// Whether the gradient of each output's weights is first made to sum to zero (Yong et al., "Gradient
    /// Centralization", ECCV 2020): inputs after rectifiers share a large mean, which then moves no output.
    package var centralizes = false

    package init() {}
}

/// Updates parameters by their gradients, and keeps what it remembers of earlier steps.
///
/// It runs straight over the parameters' buffers: whatever padding they hold is zero in value and gradient, and no
/// update here moves such a value.
package final class Optimizer {
    package let settings: OptimizerSettings
    /// Updates so far, of which Adam's bias correction depends.
    package private(set) var steps = 0
    private let parameters: [Parameter]
    private var averages: [[Float]]
    private var squares: [[Float]]

    package init(_ parameters: [Parameter], settings: OptimizerSettings) {
        self.settings = settings
        self.parameters = parameters
        averages = parameters.map { [Float](repeating: 0, count: $0.storedCount) }
        squares = settings.method == .adam ? averages : []
    }

    /// One update of all parameters with the gradients that they hold.
    package func step(rate: Double) throws {
        steps += 1
        if settings.centralizes { try centralize() }
        let scale = gradientScale()
        for (index, parameter) in parameters.enumerated() {
            let rate = Float(rate) * (parameter.role == .bias ? settings.biasRate : 1)
            let decay = parameter.role == .weight ? settings.decay : 0
            parameter.withValue { value in
                parameter.withGradient { gradient in
                    averages[index].withUnsafeMutableBufferPointer { average in
                        guard settings.method == .adam else {
                            return descend(value, gradient, average, rate: rate, decay: decay, scale: scale)
                        }
                        squares[index].withUnsafeMutableBufferPointer { square in
                            adapt(value, gradient, average, square, rate: rate, decay: decay, scale: scale)
                        }
                    }
                }
            }
        }
    }

    private func centralize() throws {
        for parameter in parameters where parameter.role == .weight {
            var gradient = try parameter.gradients()
            let width = parameter.fanIn
            for start in stride(from: 0, to: gradient.count, by: width) {
                let mean = gradient[start..<start + width].reduce(0, +) / Float(width)
                for index in start..<start + width { gradient[index] -= mean }
            }
            let stored = try parameter.stored(gradient)
            parameter.withGradient { _ = $0.update(fromContentsOf: stored) }
        }
    }

    private func gradientScale() -> Float {
        guard settings.largestNorm > 0 else { return 1 }
        var sum = 0.0
        for parameter in parameters {
            parameter.withGradient { gradient in
                for value in gradient { sum += Double(value) * Double(value) }
            }
        }
        let norm = Float(sum.squareRoot())
        return norm > settings.largestNorm ? settings.largestNorm / norm : 1
    }

    private func descend(
        _ value: UnsafeMutableBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>,
        _ velocity: UnsafeMutableBufferPointer<Float>, rate: Float, decay: Float, scale: Float
    ) {
        let momentum = settings.momentum
        let lookAhead = settings.method == .nesterov
        for index in value.indices {
            let slope = scale * gradient[index] + decay * value[index]
            let next = momentum * velocity[index] + slope
            velocity[index] = next
            value[index] -= rate * (lookAhead ? slope + momentum * next : next)
        }
    }

    private func adapt(
        _ value: UnsafeMutableBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>,
        _ average: UnsafeMutableBufferPointer<Float>, _ square: UnsafeMutableBufferPointer<Float>, rate: Float,
        decay: Float, scale: Float
    ) {
        let (first, second, epsilon) = (settings.momentum, settings.squaredMomentum, settings.epsilon)
        let firstCorrection = 1 / (1 - power(first, steps))
        let secondCorrection = 1 / (1 - power(second, steps))
        let kept = 1 - rate * decay
        for index in value.indices {
            let slope = scale * gradient[index]
            average[index] = first * average[index] + (1 - first) * slope
            square[index] = second * square[index] + (1 - second) * slope * slope
            let deviation = (square[index] * secondCorrection).squareRoot() + epsilon
            value[index] = kept * value[index] - rate * firstCorrection * average[index] / deviation
        }
    }

    private func power(_ base: Float, _ exponent: Int) -> Float {
        var result = 1.0
        for _ in 0..<min(exponent, 20_000) { result *= Double(base) }
        return Float(result)
    }
}

extension Optimizer {
    /// What a checkpoint keeps: for each parameter its averages (and squares, for Adam) in row-major order.
    package func state() throws -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (index, parameter) in parameters.enumerated() {
            state["\(parameter.name).average"] = Tensor(
                shape: parameter.shape, values: try parameter.canonical(averages[index]))
            guard settings.method == .adam else { continue }
            state["\(parameter.name).square"] = Tensor(
                shape: parameter.shape, values: try parameter.canonical(squares[index]))
        }
        return state
    }

    /// Goes on from a checkpoint; throws `checkpointMismatch` where a tensor is missing or of another shape.
    package func restore(_ state: [String: Tensor], steps: Int, from path: String) throws {
        func stored(_ name: String, _ parameter: Parameter) throws -> [Float] {
            guard let tensor = state[name], tensor.shape == parameter.shape else {
                throw LearningError.checkpointMismatch(path: path, what: "tensor \(name)")
            }
            return try parameter.stored(tensor.values)
        }
        for (index, parameter) in parameters.enumerated() {
            averages[index] = try stored("\(parameter.name).average", parameter)
            guard settings.method == .adam else { continue }
            squares[index] = try stored("\(parameter.name).square", parameter)
        }
        self.steps = steps
    }
}
