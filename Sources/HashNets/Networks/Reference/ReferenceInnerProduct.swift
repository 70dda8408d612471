/// Full connection: y = W x + b. Several heads stand one below the other in one matrix.
struct ReferenceInnerProduct<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let inputs: Int
    let outputs: Int
    let parameters: [ParameterTensor<Scalar>]
    private let weight: AlignedBuffer<Scalar>
    private let weightGradient: AlignedBuffer<Scalar>
    private let bias: AlignedBuffer<Scalar>
    private let biasGradient: AlignedBuffer<Scalar>
    private var input: [Scalar] = []

    init(_ heads: [Architecture.Head], input: ImageShape) {
        inputs = input.count
        outputs = heads.reduce(0) { $0 + $1.outputs }
        weight = AlignedBuffer(count: outputs * inputs)
        weightGradient = AlignedBuffer(count: outputs * inputs)
        bias = AlignedBuffer(count: outputs)
        biasGradient = AlignedBuffer(count: outputs)
        parameters = headParameters(
            heads, inputs: inputs, weight: (weight, weightGradient), bias: (bias, biasGradient))
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        return multiply(
            input, weight.pointer, bias.pointer, batch: batch, inputs: inputs, outputs: outputs)
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        multiplyBack(
            outputGradient, input, weight.pointer, weightGradient.pointer, biasGradient.pointer, batch: batch,
            inputs: inputs, outputs: outputs)
    }
}

/// Splits the rows of one weight matrix and bias into a named pair for each head; a head without bias has zeros there
/// that are no parameter.
func headParameters<Scalar>(
    _ heads: [Architecture.Head], inputs: Int, weight: (AlignedBuffer<Scalar>, AlignedBuffer<Scalar>),
    bias: (AlignedBuffer<Scalar>, AlignedBuffer<Scalar>)?
) -> [ParameterTensor<Scalar>] {
    var row = 0
    var parameters: [ParameterTensor<Scalar>] = []
    for head in heads {
        let rows = row..<row + head.outputs
        parameters.append(
            ParameterTensor(
                name: "\(head.name).weight", shape: [head.outputs, inputs], role: .weight, value: weight.0,
                gradient: weight.1, range: rows.lowerBound * inputs..<rows.upperBound * inputs))
        if head.hasBias, let bias {
            parameters.append(
                ParameterTensor(
                    name: "\(head.name).bias", shape: [head.outputs], role: .bias, value: bias.0, gradient: bias.1,
                    range: rows))
        }
        row = rows.upperBound
    }
    return parameters
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiply<Scalar: BinaryFloatingPoint>(
    _ input: [Scalar], _ weight: UnsafeMutableBufferPointer<Scalar>, _ bias: UnsafeMutableBufferPointer<Scalar>,
    batch: Int, inputs: Int, outputs: Int
) -> [Scalar] {
    var result: [Scalar] = []
    result.reserveCapacity(batch * outputs)
    for item in 0..<batch {
        for output in 0..<outputs {
            var sum = bias[output]
            for index in 0..<inputs { sum += weight[output &* inputs &+ index] * input[item &* inputs &+ index] }
            result.append(sum)
        }
    }
    return result
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyBack<Scalar: BinaryFloatingPoint>(
    _ outputGradient: [Scalar], _ input: [Scalar], _ weight: UnsafeMutableBufferPointer<Scalar>,
    _ weightGradient: UnsafeMutableBufferPointer<Scalar>, _ biasGradient: UnsafeMutableBufferPointer<Scalar>,
    batch: Int, inputs: Int, outputs: Int
) -> [Scalar] {
    var inputGradient = [Scalar](repeating: 0, count: batch * inputs)
    weightGradient.update(repeating: 0)
    biasGradient.update(repeating: 0)
    for item in 0..<batch {
        for output in 0..<outputs {
            let gradient = outputGradient[item * outputs + output]
            biasGradient[output] += gradient
            for index in 0..<inputs {
                weightGradient[output &* inputs &+ index] += gradient * input[item &* inputs &+ index]
                inputGradient[item &* inputs &+ index] += gradient * weight[output &* inputs &+ index]
            }
        }
    }
    return inputGradient
}
