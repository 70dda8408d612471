import COneDNN

/// Batch normalisation and residual blocks.
extension OneDNNPlanner {
    func planBatchNormalization(
        _ normalization: Architecture.BatchNormalization, at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let channels = normalization.channels ?? place.input.channels
        let scale = try LearnedVector(count: channels, role: .scale, planner: self)
        let shift = try LearnedVector(count: channels, role: .shift, planner: self)
        parameters += [
            scale.parameter(named: "\(normalization.name).weight"),
            shift.parameter(named: "\(normalization.name).bias"),
        ]
        let kept = NormalizationStatistics<Float>(
            normalization.name, channels: channels, mean: nextValueBuffer(count: channels),
            variance: nextValueBuffer(count: channels))
        kept.samples = batch * place.input.area
        statistics.append(kept)
        if normalization.channels == nil, place.input.area > 1 {
            return try planWholeNormalization(
                normalization, at: place, source: source, scale: scale, shift: shift, statistics: kept)
        }
        let tensors = NormalizationTensors(
            scale: parameters[parameters.count - 2], shift: parameters[parameters.count - 1], statistics: kept,
            epsilon: normalization.epsilon, shape: place.input)
        return try planOwnNormalization(tensors, source: source)
    }

    /// All channels of planes: the library's operation, with the rectifier that follows.
    private func planWholeNormalization(
        _ normalization: Architecture.BatchNormalization, at place: LayerPlace, source: OneDNNTensor,
        scale: LearnedVector, shift: LearnedVector, statistics: NormalizationStatistics<Float>
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let operation = try OneDNNOperation.batchNormalization(
            normalization, layout: source.layout, training: training, rectified: place.isRectified, in: engine)
        func moment(_ batch: AlignedBuffer<Float>, _ average: Parameter) throws -> OneDNNTensor {
            let buffer = training ? batch : average.valueBuffer
            return try OneDNNTensor(scale.value.layout, shape: scale.value.shape, in: engine, buffer: buffer)
        }
        let moments = [
            (onednn_mean, try moment(statistics.batchMean, statistics.runningMean)),
            (onednn_variance, try moment(statistics.batchVariance, statistics.runningVariance)),
        ]
        let values = try gradient(like: source)
        let workspace = try workspace(of: operation)
        let learned = [(onednn_scale, scale.value), (onednn_shift, shift.value)]
        forward.append(operation, [(onednn_source, source), (onednn_output, values)] + learned + moments + workspace)
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let arranged = try backward.arranged(outputGradient, as: source.layout, in: engine)
            let sourceGradient = try gradient(like: source)
            let pass = try OneDNNOperation.batchNormalizationGradient(of: operation, layout: source.layout, in: engine)
            backward.append(
                pass,
                [
                    (onednn_source, source), (onednn_output_gradient, arranged),
                    (onednn_source_gradient, sourceGradient),
                    (onednn_scale_gradient, scale.gradient), (onednn_shift_gradient, shift.gradient),
                ] + learned + moments + workspace)
            return sourceGradient
        }
        return (values, plan)
    }

    /// Outputs of an inner product, or some channels only: too small or too odd for the library, so loops over
    /// row-major values.
    private func planOwnNormalization(
        _ tensors: NormalizationTensors<Float>, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let features = try forward.arranged(source, as: .plain(source.shape, in: engine), in: engine)
        let values = try gradient(like: features)
        let (batch, training) = (batch, training)
        forward.append {
            _ = values.buffer.pointer.update(fromContentsOf: features.buffer.pointer)
            normalize(
                UnsafeBufferPointer(features.buffer.pointer), tensors, batch: batch, training: training,
                output: values.buffer.pointer)
        }
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let plainGradient = try backward.arranged(outputGradient, as: values.layout, in: engine)
            let featuresGradient = try gradient(like: features)
            backward.append {
                _ = featuresGradient.buffer.pointer.update(fromContentsOf: plainGradient.buffer.pointer)
                normalizeBack(
                    UnsafeBufferPointer(plainGradient.buffer.pointer),
                    input: UnsafeBufferPointer(features.buffer.pointer), tensors, batch: batch,
                    inputGradient: featuresGradient.buffer.pointer)
            }
            return try backward.arranged(featuresGradient, as: source.layout, in: engine)
        }
        return (values, plan)
    }

    /// The sum replaces what the layers made, where their backward passes do without it, and the gradient of the sum
    /// is both branches' gradient, so it stays as it is.
    func planResidual(
        _ layers: [Architecture.Layer], at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        shared.insert(ObjectIdentifier(source.buffer))
        let (branch, branchPlan) = try plan(layers, input: place.input, source: source)
        let change = try forward.arranged(branch, as: source.layout, in: engine)
        let isFree = change !== branch || (layers.endWithNormalization && place.input.area > 1)
        let values = isFree ? change : try gradient(like: source)
        let addition = try OneDNNOperation.addition(layout: source.layout, in: engine)
        forward.append(
            addition, [(onednn_source, change), (onednn_other_source, source), (onednn_output, values)])
        let plan: BackwardPlan = { [unowned self] outputGradient in
            let gradient = try backward.arranged(outputGradient, as: source.layout, in: engine)
            shared.insert(ObjectIdentifier(gradient.buffer))
            guard let branchGradient = try branchPlan(gradient) else { return nil }
            let changeGradient = try backward.arranged(branchGradient, as: source.layout, in: engine)
            let sum = isShared(changeGradient) ? try self.gradient(like: source) : changeGradient
            backward.append(
                addition, [(onednn_source, changeGradient), (onednn_other_source, gradient), (onednn_output, sum)])
            return sum
        }
        return (values, plan)
    }
}

extension [Architecture.Layer] {
    /// Whether the last layer, or the one before a last rectifier, is a normalisation of all channels: its backward pass
    /// does not read its output.
    fileprivate var endWithNormalization: Bool {
        guard case .batchNormalization(let normalization)? = last == .rectifier ? dropLast().last : last else {
            return false
        }
        return normalization.channels == nil
    }
}
