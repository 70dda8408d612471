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
        guard let step = file.metadata["step"].flatMap({ Int($0) }), (0...steps).contains(step),
            let optimizerSteps = file.metadata["optimizer steps"].flatMap({ Int($0) }), optimizerSteps >= 0,
            let dropoutState = file.metadata["dropout"].flatMap({ UInt64($0) })
        else { throw LearningError.checkpointUnreadable(path: path, reason: "its metadata lack the step") }
        try ComputeThread.shared.run {
            try enterPhase(ofEpoch: max(step - 1, 0) / batches.count)
            try network.load(file.tensors, from: path)
            try optimizer.restore(file.tensors, steps: optimizerSteps, from: path)
            network.dropoutState = dropoutState
        }
        self.step = step
    }

    /// Writes weights, the optimiser's memory and the step, as a safetensors file that replaces an older one whole.
    public func writeCheckpoint(to path: String) throws {
        let tensors = try ComputeThread.shared.run {
            try network.tensors().merging(optimizer.state()) { weight, _ in weight }
        }
        var metadata = identity
        metadata["step"] = "\(step)"
        metadata["optimizer steps"] = "\(optimizer.steps)"
        metadata["dropout"] = "\(network.dropoutState)"
        try WeightFile(tensors: tensors, metadata: metadata, path: path).write(to: path)
    }

    /// What must agree between a checkpoint and the training that resumes from it.
    private var identity: [String: String] {
        [
            "checkpoint": "1", "settings": configuration.summary, "split": split.fingerprint,
            "images": "\(images.count) of \(images.shape)",
        ]
    }
}
