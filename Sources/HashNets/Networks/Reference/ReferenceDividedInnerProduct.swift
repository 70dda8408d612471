/// Divide-and-encode (DNNH): output k is an inner product over slice k of the input only, W having a row per output.
struct ReferenceDividedInnerProduct<Scalar: BinaryFloatingPoint & BitwiseCopyable>: ReferenceLayer {
    let groups: Int
    let slice: Int
    let weight: ParameterTensor<Scalar>
    let bias: ParameterTensor<Scalar>
    private var input: [Scalar] = []

    var parameters: [ParameterTensor<Scalar>] { [weight, bias] }

    init(_ head: Architecture.Head, input: ImageShape) {
        groups = head.outputs
        slice = input.count / head.outputs
        weight = ParameterTensor(named: "\(head.name).weight", shape: [groups, slice], role: .weight)
        bias = ParameterTensor(named: "\(head.name).bias", shape: [groups], role: .bias)
    }

    mutating func forward(_ input: [Scalar], batch: Int, dropout: inout SeededGenerator?) -> [Scalar] {
        self.input = input
        var output = [Scalar](repeating: 0, count: batch * groups)
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                encodeSlices(input, weight: weight.value, bias: bias.value, output: output)
            }
        }
        return output
    }

    mutating func backward(_ outputGradient: [Scalar], batch: Int) -> [Scalar] {
        var inputGradient = [Scalar](repeating: 0, count: batch * groups * slice)
        outputGradient.withUnsafeBufferPointer { outputGradient in
            input.withUnsafeBufferPointer { input in
                inputGradient.withUnsafeMutableBufferPointer { inputGradient in
                    encodeSlicesBack(
                        outputGradient, input: input, weight: weight.value, weightGradient: weight.gradient,
                        biasGradient: bias.gradient, inputGradient: inputGradient)
                }
            }
        }
        return inputGradient
    }
}

/// output[n, k] = bias[k] + Σ_j weight[k, j] · input[n, k, j].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func encodeSlices<Scalar: BinaryFloatingPoint>(
    _ input: UnsafeBufferPointer<Scalar>, weight: UnsafeMutableBufferPointer<Scalar>,
    bias: UnsafeMutableBufferPointer<Scalar>, output: UnsafeMutableBufferPointer<Scalar>
) {
    let groups = bias.count
    let slice = weight.count / groups
    for position in output.indices {
        let group = position % groups
        var sum = bias[group]
        for index in 0..<slice { sum += weight[group &* slice &+ index] * input[position &* slice &+ index] }
        output[position] = sum
    }
}

/// The gradients of `encodeSlices`; overwrites all three.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func encodeSlicesBack<Scalar: BinaryFloatingPoint>(
    _ outputGradient: UnsafeBufferPointer<Scalar>, input: UnsafeBufferPointer<Scalar>,
    weight: UnsafeMutableBufferPointer<Scalar>, weightGradient: UnsafeMutableBufferPointer<Scalar>,
    biasGradient: UnsafeMutableBufferPointer<Scalar>, inputGradient: UnsafeMutableBufferPointer<Scalar>
) {
    let groups = biasGradient.count
    let slice = weight.count / groups
    weightGradient.update(repeating: 0)
    biasGradient.update(repeating: 0)
    for position in outputGradient.indices {
        let group = position % groups
        let gradient = outputGradient[position]
        biasGradient[group] += gradient
        for index in 0..<slice {
            weightGradient[group &* slice &+ index] += gradient * input[position &* slice &+ index]
            inputGradient[position &* slice &+ index] = gradient * weight[group &* slice &+ index]
        }
    }
}
