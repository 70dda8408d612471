import COneDNN

/// Batch normalisation and residual blocks.
extension OneDNNPlanner {
    func planBatchNormalization(
        _ normalization: Architecture.BatchNormalization, at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let tensors = planTensors(of: normalization, shape: place.input)
        return normalization.channels == nil && place.input.area > 1
            ? try planWholeNormalization(normalization, tensors, at: place, source: source)
            : try planOwnNormalization(tensors, source: source)
    }

    /// Lists what a normalisation of values of this shape learns and keeps.
    func planTensors(
        of normalization: Architecture.BatchNormalization, shape: ImageShape
    ) -> NormalizationTensors<Float> {
        let channels = normalization.channels ?? shape.channels
        func learned(_ suffix: String, _ role: ParameterRole) -> Parameter {
            Parameter(
                name: "\(normalization.name).\(suffix)", shape: [channels], role: role,
                value: nextValueBuffer(count: channels), gradient: AlignedBuffer(count: channels))
        }
        let tensors = NormalizationTensors(
            scale: learned("weight", .scale), shift: learned("bias", .shift),
            statistics: NormalizationStatistics<Float>(
                normalization.name, channels: channels, mean: nextValueBuffer(count: channels),
                variance: nextValueBuffer(count: channels)),
            epsilon: normalization.epsilon, shape: shape)
        tensors.statistics.samples = batch * shape.area
        parameters += [tensors.scale, tensors.shift]
        statistics.append(tensors.statistics)
        return tensors
    }

    /// All channels of planes: the library's operation, with the rectifier that follows.
    private func planWholeNormalization(
        _ normalization: Architecture.BatchNormalization, _ tensors: NormalizationTensors<Float>,
        at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        let operation = try OneDNNOperation.batchNormalization(
            normalization, layout: source.layout, training: training, rectified: place.isRectified, in: engine)
        let statistics = tensors.statistics
        let mean = training ? statistics.batchMean : statistics.runningMean.valueBuffer
        let variance = training ? statistics.batchVariance : statistics.runningVariance.valueBuffer
        let moments = [(onednn_mean, try vector(mean)), (onednn_variance, try vector(variance))]
        let learned = [
            (onednn_scale, try vector(tensors.scale.valueBuffer)),
            (onednn_shift, try vector(tensors.shift.valueBuffer)),
        ]
        let gradients = [
            (onednn_scale_gradient, try vector(tensors.scale.gradientBuffer)),
            (onednn_shift_gradient, try vector(tensors.shift.gradientBuffer)),
        ]
        let values = try gradient(like: source)
        let workspace = try workspace(of: operation)
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
                ] + learned.prefix(onednn_batch_normalization_backward_takes_shift() ? 2 : 1) + gradients + moments
                    + workspace)
            return sourceGradient
        }
        return (values, plan)
    }

    /// One number for each channel.
    private func vector(_ buffer: AlignedBuffer<Float>) throws -> OneDNNTensor {
        let shape = [buffer.pointer.count]
        return try OneDNNTensor(.plain(shape, in: engine), shape: shape, in: engine, buffer: buffer)
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
            let count = values.buffer.pointer.count
            _ = values.buffer.pointer.update(fromContentsOf: features.buffer.pointer.prefix(count))
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
        let mayChange = !training && source !== images && !isShared(source) && layers.containConvolution
        let (isNew, _) = shared.insert(ObjectIdentifier(source.buffer))
        let (branch, branchPlan) = try plan(
            layers, input: place.input, source: source, sum: mayChange ? source : nil)
        if isNew { shared.remove(ObjectIdentifier(source.buffer)) }
        if branch === source, mayChange { return (source, branchPlan) }
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
    fileprivate var containConvolution: Bool {
        contains { layer in
            if case .convolution = layer { true } else { false }
        }
    }

    /// Whether the last layer, or the one before a last rectifier, is a normalisation of all channels: its backward pass
    /// does not read its output.
    fileprivate var endWithNormalization: Bool {
        guard case .batchNormalization(let normalization)? = last == .rectifier ? dropLast().last : last else {
            return false
        }
        return normalization.channels == nil
    }
}
