import Foundation

extension Trainer {
    /// Goes on where a checkpoint of the same configuration and images left off; a model then ends the same as
    /// without the interruption.
    ///
    /// Throws `checkpointUnreadable`, or `checkpointMismatch` for a checkpoint of another training; make a new trainer then.
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
        let step = try file.steps("step", upTo: steps)
        try ComputeThread.shared.run {
            try enterPhase(ofStep: max(step - 1, 0))
            best = try BestWeights(file, of: learner.network, upTo: step)
            try learner.restore(file, step: step)
        }
        self.step = step
    }

    /// Whether there is a checkpoint at the path, of whatever training. Ask before a training: checkpoints take the place of one
    /// another, and of nothing else.
    ///
    /// Throws `HashNetsError.weightFileUnwritable` where something else is there.
    package static func hasCheckpoint(at path: String) throws -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return false }
            throw HashNetsError.weightFileUnwritable(
                path: path, reason: FileFailure.system("it cannot be examined").reason)
        }
        guard WeightFile.metadata(of: path)?["checkpoint"] != nil else {
            throw HashNetsError.weightFileUnwritable(
                path: path,
                reason: "something other than a whole checkpoint is there; move it away, or choose another name")
        }
        return true
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

extension WeightFile {
    /// A count of steps that a checkpoint tells, which cannot be above `most`; throws `checkpointUnreadable`.
    func steps(_ key: String, upTo most: Int) throws -> Int {
        guard let count = metadata[key].flatMap({ Int($0) }), (0...most).contains(count) else {
            throw LearningError.checkpointUnreadable(
                path: path, reason: "its \"\(key)\" is no number from 0 to \(most)")
        }
        return count
    }
}

extension Network {
    /// Those of a checkpoint's tensors that are the network's, under their names there without the prefix; throws
    /// `checkpointMismatch` where one is missing or of another shape.
    func tensors(of file: WeightFile, prefix: String = "") throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in parameters + statistics {
            let name = prefix + parameter.name
            guard let tensor = file.tensors[name], tensor.shape == parameter.shape else {
                throw LearningError.checkpointMismatch(path: file.path, what: "tensor \(name)")
            }
            tensors[parameter.name] = tensor
        }
        return tensors
    }
}
