extension Trainer {
    /// Whether validation has waited long enough for something better.
    var isOutOfPatience: Bool {
        guard configuration.patience > 0, let best else { return false }
        return best.later >= configuration.patience
    }

    /// Where a judgement is due, what validation finds; the weights are kept if they are the best so far.
    func judge() throws -> Double? {
        guard let validation, source.steps.isJudged(after: step) else { return nil }
        let tensors = try learner.modelTensors()
        let found = try validation.meanAveragePrecision(of: weightFile(tensors))
        guard validation.isDecisive else { return found }
        if let best, best.meanAveragePrecision >= found {
            let isLastPhase = source.steps.consistency == 0 || source.steps.isConsistent(step - 1)
            self.best?.later = isLastPhase ? best.later + 1 : 0
        } else {
            best = BestWeights(tensors: tensors, step: step, meanAveragePrecision: found)
        }
        return found
    }
}

extension BestWeights {
    private static let prefix = "best/"

    /// The weights under names of their own in a checkpoint.
    var checkpointTensors: [String: Tensor] {
        Dictionary(uniqueKeysWithValues: tensors.map { (Self.prefix + $0.key, $0.value) })
    }

    /// The rest of it, for a checkpoint's metadata; the precision bit by bit.
    var checkpointMetadata: [String: String] {
        [
            "best step": "\(step)", "best later": "\(later)", "best map": "\(meanAveragePrecision.bitPattern)",
        ]
    }

    /// What a checkpoint after so many steps holds for a network, nil where it has none; throws `checkpointUnreadable` or
    /// `checkpointMismatch`.
    init?(_ file: WeightFile, of network: Network, upTo done: Int) throws {
        guard file.metadata["best step"] != nil else { return nil }
        step = try file.steps("best step", upTo: done)
        later = try file.steps("best later", upTo: done)
        guard let bits = file.metadata["best map"].flatMap({ UInt64($0) }) else {
            throw LearningError.checkpointUnreadable(
                path: file.path, reason: "its metadata lack what validation found best")
        }
        meanAveragePrecision = Double(bitPattern: bits)
        tensors = try network.tensors(of: file, prefix: Self.prefix)
    }
}
