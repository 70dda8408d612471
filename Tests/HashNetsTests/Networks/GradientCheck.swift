import HashNets

/// Numbers of N(0, 1), the same at every run.
func normals(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.nextNormal() }
}

/// Compares a network's gradients with central differences of the loss Σ direction · output, in double precision, and
/// returns the largest error of one derivative relative to the largest derivative of its tensor.
///
/// Checks up to `samples` values of every parameter and of the input. With dropout, every pass starts the generator
/// anew, so all see the same mask.
func largestGradientError(
    _ architecture: Architecture, batch: Int, seed: UInt64, deviation: Double = 0.3, dropping: Bool = false,
    samples: Int = 40, step: Double = 1e-5
) -> Double {
    let network = ReferenceNetwork<Double>(architecture)
    for (index, parameter) in network.parameters.enumerated() {
        let values = normals(parameter.count, seed: seed + UInt64(index) + 1)
        parameter.withValue { buffer in
            for position in buffer.indices { buffer[position] = deviation * values[position] }
        }
    }
    var images = normals(batch * architecture.input.count, seed: seed)
    let direction = normals(batch * architecture.outputs, seed: seed + 1000)

    func loss() -> Double {
        var generator: SeededGenerator? = dropping ? SeededGenerator(seed: 77) : nil
        return zip(network.forward(images, dropout: &generator), direction).reduce(0) { $0 + $1.0 * $1.1 }
    }

    _ = loss()
    let imageGradient = network.backward(direction)
    let gradients = network.parameters.map { parameter in parameter.withGradient { [Double]($0) } }

    var worst = 0.0
    func compare(_ gradient: [Double], _ nudge: (Int, Double) -> Void) {
        let scale = gradient.reduce(1e-12) { max($0, abs($1)) }
        for index in stride(from: 0, to: gradient.count, by: max(1, gradient.count / samples)) {
            nudge(index, step)
            let above = loss()
            nudge(index, -2 * step)
            let below = loss()
            nudge(index, step)
            worst = max(worst, abs((above - below) / (2 * step) - gradient[index]) / scale)
        }
    }
    compare(imageGradient) { images[$0] += $1 }
    for (parameter, gradient) in zip(network.parameters, gradients) {
        compare(gradient) { index, change in parameter.withValue { $0[index] += change } }
    }
    return worst
}
