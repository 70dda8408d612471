/// The running average of a network's weights over the last steps, which generalises better than the weights of any
/// one step (Polyak and Juditsky, 1992; as a teacher: Tarvainen and Valpola, "Mean teachers", NIPS 2017).
///
/// Averages of batch normalisations are averaged likewise. It follows quickly at first: after k steps it keeps min(`decay`, (k + 1)/(k + 10)) of itself.
package final class WeightAverage {
    /// Share of the average that a step leaves, in the long run.
    package let decay: Float
    /// Steps taken in.
    package private(set) var steps = 0
    private let parameters: [Parameter]
    private var averages: [[Float]]

    /// Starts with the weights as they are.
    package init(_ network: Network, decay: Double) {
        parameters = network.parameters + network.statistics
        self.decay = Float(decay)
        averages = parameters.map { parameter in parameter.withValue { [Float]($0) } }
    }

    /// Takes in the weights of one more step.
    package func update() {
        let kept = min(decay, Float(steps + 1) / Float(steps + 10))
        for (index, parameter) in parameters.enumerated() {
            parameter.withValue { value in
                averages[index].withUnsafeMutableBufferPointer { average in
                    for place in average.indices { average[place] += (1 - kept) * (value[place] - average[place]) }
                }
            }
        }
        steps += 1
    }

    /// The averages by the parameters' names, in row-major order.
    package func tensors() throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (parameter, average) in zip(parameters, averages) {
            tensors[parameter.name] = Tensor(shape: parameter.shape, values: try parameter.canonical(average))
        }
        return tensors
    }
}

extension WeightAverage {
    private static let suffix = ".running"

    /// What a checkpoint keeps.
    package func state() throws -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: try tensors().map { ($0.key + Self.suffix, $0.value) })
    }

    /// Goes on from a checkpoint; throws `checkpointMismatch` where a tensor is missing or of another shape.
    package func restore(_ state: [String: Tensor], steps: Int, from path: String) throws {
        for (index, parameter) in parameters.enumerated() {
            guard let tensor = state[parameter.name + Self.suffix], tensor.shape == parameter.shape else {
                throw LearningError.checkpointMismatch(path: path, what: "tensor \(parameter.name)\(Self.suffix)")
            }
            averages[index] = try parameter.stored(tensor.values)
        }
        self.steps = steps
    }
}
