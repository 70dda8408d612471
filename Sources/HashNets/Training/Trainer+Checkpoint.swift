extension Trainer {
    /// Goes on where a checkpoint of the same configuration and images left off; a model then ends the same as
    /// without the interruption.
    ///
    /// Throws `checkpointUnreadable`, or `checkpointMismatch` for a checkpoint of another training.
    public func resume(from path: String) throws {
        let file: WeightFile
        do {
            file = try WeightFile(reading: path)
        } catch {
            throw LearningError.checkpointUnreadable(path: path, reason: "\(error)")
        }
        for (key, value) in identity where file.metadata[key] != value {
            throw LearningError.checkpointMismatch(
                path: path, what: "\(key): \(file.metadata[key] ?? "none"), here \(value);")
        }
        guard let step = file.metadata["step"].flatMap({ Int($0) }), (0...steps).contains(step)
        else { throw LearningError.checkpointUnreadable(path: path, reason: "its metadata lack the step") }
        try ComputeThread.shared.run {
            try enterPhase(ofStep: max(step - 1, 0))
            try learner.restore(file, from: path)
        }
        best = try BestWeights(file, from: path)
        self.step = step
    }

    /// Writes weights, running average, the optimiser's memory and the step, as a safetensors file that replaces an older
    /// one whole.
    public func writeCheckpoint(to path: String) throws {
        let state = try ComputeThread.shared.run { try learner.state() }
        var metadata = identity.merging(state.counts) { identity, _ in identity }
        metadata["step"] = "\(step)"
        var tensors = state.tensors
        if let best {
            tensors.merge(best.checkpointTensors) { state, _ in state }
            metadata.merge(best.checkpointMetadata) { state, _ in state }
        }
        try WeightFile(tensors: tensors, metadata: metadata, path: path).write(to: path)
    }

    /// What must agree between a checkpoint and the training that resumes from it.
    private var identity: [String: String] {
        [
            "checkpoint": "3", "settings": settings, "split": split.fingerprint,
            "images": "\(images.count) of \(images.shape), \(imagesFingerprint)", "unlabelled": "\(unlabelledCount)",
            "computed in": computedIn,
        ]
    }

    /// What decides the order of sums and, with batch normalisation, whose statistics an image is seen with: the parts of a batch that are
    /// computed apart, and the arithmetic.
    var computedIn: String {
        let parts = ParallelNetwork.laneCount(threads: configuration.threads, batch: configuration.batch)
        let isMixed = configuration.mixedPrecision && OneDNNEngine.hasFastBfloat16
        return "\(parts) \(parts == 1 ? "part" : "parts"), \(isMixed ? "bfloat16" : "single precision")"
    }

    /// Every setting that decided what was computed.
    var settings: String {
        let summary = configuration.summary
        return source.steps.consistency > 0 ? summary + ", " + configuration.consistency.summary : summary
    }
}
