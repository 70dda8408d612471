import COneDNN

/// Layers without parameters.
extension OneDNNPlanner {
    /// A rectifier that could not join the operation before it.
    func planRectifier(source: OneDNNTensor) throws -> (OneDNNTensor, BackwardPlan) {
        let operation = try OneDNNOperation.rectifier(layout: source.layout, in: engine)
        let values = try gradient(like: source)
        forward.append(operation, [(onednn_source, source), (onednn_output, values)])
        return (values, { [unowned self] in try rectifyGradient($0, by: values) })
    }

    /// Zeroes the gradient where the output is zero; in place where nobody else reads it.
    func rectifyGradient(_ outputGradient: OneDNNTensor, by output: OneDNNTensor) throws -> OneDNNTensor {
        let gradient = try backward.arranged(outputGradient, as: output.layout, in: engine)
        let result = isShared(gradient) ? try self.gradient(like: gradient) : gradient
        let operation = try OneDNNOperation.rectifierGradient(
            of: .rectifier(layout: output.layout, in: engine), layout: output.layout, in: engine)
        backward.append(
            operation,
            [(onednn_output, output), (onednn_output_gradient, gradient), (onednn_source_gradient, result)])
        return result
    }

    /// Caffe's ceil mode: padding after the last row and column makes room for the window that hangs over.
    func planPooling(
        _ kind: Architecture.PoolingKind, _ window: PoolingWindow, at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let (input, pooled) = (place.input, place.output)
        let outputShape = [batch, pooled.channels, pooled.height, pooled.width]
        let overhang = [
            (pooled.height - 1) * window.strideDown + window.height - input.height,
            (pooled.width - 1) * window.strideAcross + window.width - input.width,
        ]
        let operation = try OneDNNOperation.pooling(
            kind, window, overhang: overhang, source: source.layout,
            output: .any(outputShape, type: source.layout.type, in: engine),
            training: training, in: engine)
        let values = try output(of: operation, shape: outputShape)
        let workspace = try workspace(of: operation)
        forward.append(operation, [(onednn_source, source), (onednn_output, values)] + workspace)
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let arranged = try backward.arranged(outputGradient, as: values.layout, in: engine)
            let sourceGradient = try gradient(like: source)
            let pass = try OneDNNOperation.poolingGradient(
                of: operation, source: source.layout, output: values.layout, in: engine)
            backward.append(
                pass, [(onednn_output_gradient, arranged), (onednn_source_gradient, sourceGradient)] + workspace)
            return sourceGradient
        }
        return (values, plan)
    }

    func planResponseNormalization(
        _ window: ResponseWindow, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let operation = try OneDNNOperation.responseNormalization(
            window, layout: source.layout, training: training, in: engine)
        let values = try gradient(like: source)
        let workspace = try workspace(of: operation)
        forward.append(operation, [(onednn_source, source), (onednn_output, values)] + workspace)
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let arranged = try backward.arranged(outputGradient, as: source.layout, in: engine)
            let sourceGradient = try gradient(like: source)
            let pass = try OneDNNOperation.responseNormalizationGradient(
                of: operation, layout: source.layout, in: engine)
            backward.append(
                pass,
                [
                    (onednn_source, source), (onednn_output_gradient, arranged),
                    (onednn_source_gradient, sourceGradient),
                ] + workspace)
            return sourceGradient
        }
        return (values, plan)
    }

    /// In place where nobody else reads the values, in the order of memory. What the layer before needs of its output
    /// survives: a rectifier asks only whether a value is positive, and where a value was dropped its gradient is zero
    /// anyway.
    func planDropout(rate: Float, source: OneDNNTensor) throws -> (OneDNNTensor, BackwardPlan) {
        guard training, rate > 0 else { return (source, { $0 }) }
        let values = isShared(source) ? try gradient(like: source) : source
        let brief = values.layout.type == onednn_bfloat16
        let mask = AlignedBuffer<Float>(count: values.buffer.pointer.count * (brief ? 2 : 1))
        let state = dropout
        forward.append {
            if values !== source { _ = values.buffer.pointer.update(fromContentsOf: source.buffer.pointer) }
            if state.generator == nil {
                mask.pointer.update(repeating: 1)
            } else {
                fillDropoutMask(mask.pointer, rate: rate, from: &state.generator)
                multiply(values, by: mask.pointer)
            }
        }
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let arranged = try backward.arranged(outputGradient, as: values.layout, in: engine)
            let gradient = isShared(arranged) ? try self.gradient(like: arranged) : arranged
            backward.append {
                if gradient !== arranged { _ = gradient.buffer.pointer.update(fromContentsOf: arranged.buffer.pointer) }
                multiply(gradient, by: mask.pointer)
            }
            return gradient
        }
        return (values, plan)
    }
}

/// Multiplies a tensor by one factor for each number of its buffer.
private func multiply(_ tensor: OneDNNTensor, by factors: UnsafeMutableBufferPointer<Float>) {
    if tensor.layout.type == onednn_float32 {
        let values = tensor.buffer.pointer
        for index in values.indices { values[index] *= factors[index] }
    } else {
        tensor.buffer.pointer.withMemoryRebound(to: UInt16.self) { halves in
            let values = UnsafeMutableBufferPointer(start: halves.baseAddress, count: factors.count)
            for index in values.indices {
                let product = Float(bitPattern: UInt32(values[index]) << 16) * factors[index]
                values[index] = UInt16(truncatingIfNeeded: (product.bitPattern &+ 0x8000) >> 16)
            }
        }
    }
}
