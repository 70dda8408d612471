import COneDNN

/// Layers with parameters.
extension OneDNNPlanner {
    func planConvolution(
        _ convolution: Architecture.Convolution, at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let output = place.output
        let groups = convolution.groups
        let filter = [source.shape[1] / groups, convolution.size, convolution.size]
        // The library knows groups by a side of their own, which row-major order does not show.
        let shape = (groups > 1 ? [groups, output.channels / groups] : [output.channels]) + filter
        let outputShape = [batch, output.channels, output.height, output.width]
        let hasBias = convolution.hasBias || place.normalization != nil
        let layouts = try freeLayouts(
            source: source.shape, weights: shape, output: outputShape, weightsType: valueType, hasBias: hasBias)
        // Weights that are made of others may be in any order. Transformed ones are four times as large, which planes of
        // few pixels do not make up for; and they take channels by the sixteen.
        let isTransformed = place.normalization != nil && output.area >= 64 && filter[0] >= 16
        func operation(addedTo sum: OneDNNTensor?) throws -> OneDNNOperation {
            try OneDNNOperation.convolution(
                convolution, layouts.with(output: sum?.layout), training: training, rectified: place.isRectified,
                added: sum != nil, transformed: isTransformed, in: engine)
        }
        // A library that has no fast kernel for the sum as well gets an operation for it.
        let adding = place.sum.flatMap { try? operation(addedTo: $0) }.flatMap { $0.isFast ? $0 : nil }
        let operation = try adding ?? operation(addedTo: nil)
        let learned: LearnedTensors
        if let normalization = place.normalization {
            learned = try planFolding(
                of: normalization, into: operation, weightShape: shape, isConvolution: true,
                heads: [.init(convolution.name, outputs: output.channels, hasBias: convolution.hasBias, deviation: 0)])
        } else {
            learned = try LearnedTensors(
                operation, weightShape: shape, outputs: output.channels, hasBias: hasBias, planner: self)
            parameters.append(
                try learned.weightParameter(
                    named: "\(convolution.name).weight", shape: [output.channels] + filter, engine: engine))
            parameters += learned.bias.map { [$0.parameter(named: "\(convolution.name).bias")] } ?? []
        }
        return try plan(
            LearningLayer(
                operation: operation, isConvolution: true, rowMajorWeights: false, learned: learned,
                outputShape: outputShape, place: place),
            source: source, sum: adding == nil ? nil : place.sum)
    }

    func planInnerProduct(
        _ heads: [Architecture.Head], at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        // The order in which the library adds may depend on the rows, and an image's numbers must not depend on what stands beside it.
        let rows = training ? batch : max(batch, architecture.manyImages ?? 1)
        let source = rows > batch ? try asFirstRows(of: rows, source) : source
        let inputs = place.input.count
        let outputs = place.output.channels
        let shape = [outputs] + source.shape.dropFirst()
        let name = heads.map(\.name).joined(separator: " and ")
        // Heads are rows of one matrix, so several of them need it row by row.
        let rowMajor = heads.count > 1 && place.normalization == nil
        let hasBias = heads.contains(where: \.hasBias) || place.normalization != nil
        let operation = try OneDNNOperation.innerProduct(
            name,
            freeLayouts(
                source: source.shape, weights: shape, output: [rows, outputs], weightsType: valueType,
                outputType: place.isLast ? onednn_float32 : valueType, rowMajorWeights: rowMajor, hasBias: hasBias),
            training: training, rectified: place.isRectified, in: engine)
        let learned =
            if let normalization = place.normalization {
                try planFolding(
                    of: normalization, into: operation, weightShape: shape, isConvolution: false, heads: heads)
            } else {
                try LearnedTensors(
                    operation, weightShape: shape, outputs: outputs, hasBias: hasBias, planner: self)
            }
        if place.normalization != nil {
            // Folding has listed the parameters.
        } else if rowMajor {
            let bias = learned.bias.map { ($0.value.buffer, $0.gradient.buffer) }
            parameters += headParameters(
                heads, inputs: inputs, weight: (learned.weight.buffer, learned.weightGradient.buffer), bias: bias)
        } else {
            parameters.append(
                try learned.weightParameter(named: "\(name).weight", shape: [outputs, inputs], engine: engine))
            parameters += learned.bias.map { [$0.parameter(named: "\(name).bias")] } ?? []
        }
        let (values, plan) = try plan(
            LearningLayer(
                operation: operation, isConvolution: false, rowMajorWeights: rowMajor, learned: learned,
                outputShape: [rows, outputs], place: place),
            source: source)
        return (rows > batch ? try firstRows(of: values) : values, plan)
    }

    /// The values of a batch as the first of some rows; nobody asks what comes of the others.
    private func asFirstRows(of count: Int, _ values: OneDNNTensor) throws -> OneDNNTensor {
        let shape = [count] + values.shape.dropFirst()
        let rows = try OneDNNTensor(.plain(shape, type: values.layout.type, in: engine), shape: shape, in: engine)
        try forward.appendReorder(from: values, to: firstRows(of: rows), in: engine)
        return rows
    }

    /// The rows of the batch, in the memory of the whole.
    private func firstRows(of values: OneDNNTensor) throws -> OneDNNTensor {
        let type = values.layout.type
        let rows = try forward.arranged(values, as: .plain(values.shape, type: type, in: engine), in: engine)
        let shape = [batch] + values.shape.dropFirst()
        return try OneDNNTensor(.plain(shape, type: type, in: engine), shape: shape, in: engine, buffer: rows.buffer)
    }

    /// Divide-and-encode is too small for the library: own loops over row-major values.
    func planDividedInnerProduct(
        _ head: Architecture.Head, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let features = try forward.arranged(source, as: .plain(source.shape, in: engine), in: engine)
        let shape = [batch, head.outputs]
        let output = try OneDNNTensor(.plain(shape, in: engine), shape: shape, in: engine)
        let inputs = source.shape[1]
        let weight = Parameter(
            name: "\(head.name).weight", shape: [head.outputs, inputs / head.outputs], role: .weight,
            value: nextValueBuffer(count: inputs), gradient: AlignedBuffer(count: inputs))
        let bias = Parameter(
            name: "\(head.name).bias", shape: [head.outputs], role: .bias,
            value: nextValueBuffer(count: head.outputs), gradient: AlignedBuffer(count: head.outputs))
        parameters += [weight, bias]
        forward.append {
            encodeSlices(
                UnsafeBufferPointer(features.buffer.pointer), weight: weight.value, bias: bias.value,
                output: output.buffer.pointer)
        }
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let plainGradient = try backward.arranged(outputGradient, as: output.layout, in: engine)
            let featuresGradient = try gradient(like: features)
            backward.append {
                encodeSlicesBack(
                    UnsafeBufferPointer(plainGradient.buffer.pointer),
                    input: UnsafeBufferPointer(features.buffer.pointer), weight: weight.value,
                    weightGradient: weight.gradient, biasGradient: bias.gradient,
                    inputGradient: featuresGradient.buffer.pointer)
            }
            return try backward.arranged(featuresGradient, as: source.layout, in: engine)
        }
        return (output, plan)
    }

    /// Layouts that leave the order to the operation. The gradient of weights is single precision in any case.
    private func freeLayouts(
        source: [Int], weights: [Int], output: [Int], weightsType: onednn_type = onednn_float32,
        outputType: onednn_type? = nil, rowMajorWeights: Bool = false, hasBias: Bool
    ) throws -> LearningLayouts {
        LearningLayouts(
            source: try .any(source, type: valueType, in: engine),
            weights: try rowMajorWeights
                ? .plain(weights, type: weightsType, in: engine) : .any(weights, type: weightsType, in: engine),
            bias: hasBias ? try .plain([output[1]], in: engine) : nil,
            output: try .any(output, type: outputType ?? valueType, in: engine))
    }

    /// Appends the forward pass and says how the backward passes are planned.
    private func plan(
        _ layer: LearningLayer, source: OneDNNTensor, sum: OneDNNTensor? = nil
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let operation = layer.operation
        let arranged = try forward.arranged(source, as: layout(of: onednn_source, in: operation), in: engine)
        let weights = try arrangedWeights(layer.learned, for: operation)
        let values = try sum ?? output(of: operation, shape: layer.outputShape)
        forward.append(
            operation,
            [
                (onednn_source, arranged), (onednn_weights, weights), (onednn_output, values),
            ] + (layer.learned.bias.map { [(onednn_bias, $0.value)] } ?? []))
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let gradient = layer.place.isRectified ? try rectifyGradient(outputGradient, by: values) : outputGradient
            try appendWeightsPass(layer, source: arranged, outputGradient: gradient)
            return layer.place.isFirst ? nil : try appendSourcePass(layer, source: source, outputGradient: gradient)
        }
        return (values, plan)
    }

    /// The weights as the forward pass reads them: training converts them for each pass, inference once.
    private func arrangedWeights(_ learned: LearnedTensors, for operation: OneDNNOperation) throws -> OneDNNTensor {
        let layout = try layout(of: onednn_weights, in: operation)
        if training || learned.weight.layout == layout {
            return try forward.arranged(learned.weight, as: layout, in: engine)
        }
        return try preparation.arranged(
            learned.weight, as: layout, in: engine, into: nextValueBuffer(count: layout.wordCount))
    }

    private func appendWeightsPass(
        _ layer: LearningLayer, source: OneDNNTensor, outputGradient: OneDNNTensor
    ) throws {
        let learned = layer.learned
        let layouts = try freeLayouts(
            source: source.shape, weights: learned.weight.shape, output: layer.outputShape,
            rowMajorWeights: layer.rowMajorWeights, hasBias: learned.bias != nil)
        let pass = try OneDNNOperation.weightsGradient(
            of: layer.operation, isConvolution: layer.isConvolution, layouts, in: engine)
        let arrangedSource = try backward.arranged(source, as: layout(of: onednn_source, in: pass), in: engine)
        let arrangedGradient = try backward.arranged(
            outputGradient, as: layout(of: onednn_output_gradient, in: pass), in: engine)
        let chosen = try layout(of: onednn_weights_gradient, in: pass)
        let agrees = chosen == learned.weightGradient.layout
        let target =
            agrees
            ? learned.weightGradient
            : try tensor(
                for: onednn_weights_gradient, of: pass, shape: learned.weight.shape)
        backward.append(
            pass,
            [
                (onednn_source, arrangedSource), (onednn_output_gradient, arrangedGradient),
                (onednn_weights_gradient, target),
            ] + (learned.bias.map { [(onednn_bias_gradient, $0.gradient)] } ?? []))
        if !agrees { try backward.appendReorder(from: target, to: learned.weightGradient, in: engine) }
    }

    private func appendSourcePass(
        _ layer: LearningLayer, source: OneDNNTensor, outputGradient: OneDNNTensor
    ) throws -> OneDNNTensor {
        let layouts = try freeLayouts(
            source: source.shape, weights: layer.learned.weight.shape, output: layer.outputShape,
            weightsType: valueType, hasBias: false)
        let pass = try OneDNNOperation.sourceGradient(
            of: layer.operation, isConvolution: layer.isConvolution, layouts, in: engine)
        let weights = try backward.arranged(
            layer.learned.weight, as: layout(of: onednn_weights, in: pass), in: engine)
        let arrangedGradient = try backward.arranged(
            outputGradient, as: layout(of: onednn_output_gradient, in: pass), in: engine)
        let sourceGradient = try tensor(for: onednn_source_gradient, of: pass, shape: source.shape)
        backward.append(
            pass,
            [
                (onednn_weights, weights), (onednn_output_gradient, arrangedGradient),
                (onednn_source_gradient, sourceGradient),
            ])
        return try backward.arranged(sourceGradient, as: source.layout, in: engine)
    }
}

/// What planning needs to know of a convolution or inner product.
private struct LearningLayer {
    let operation: OneDNNOperation
    let isConvolution: Bool
    let rowMajorWeights: Bool
    let learned: LearnedTensors
    let outputShape: [Int]
    let place: LayerPlace
}
