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

    /// What a checkpoint holds, nil where it has none; throws `checkpointUnreadable`.
    init?(_ file: WeightFile, from path: String) throws {
        guard let step = file.metadata["best step"] else { return nil }
        guard let step = Int(step), let later = file.metadata["best later"].flatMap({ Int($0) }), later >= 0,
            let bits = file.metadata["best map"].flatMap({ UInt64($0) })
        else {
            throw LearningError.checkpointUnreadable(path: path, reason: "its metadata lack the best step's figures")
        }
        let kept = file.tensors.filter { $0.key.hasPrefix(Self.prefix) }
        tensors = Dictionary(
            uniqueKeysWithValues: kept.map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) })
        self.step = step
        self.later = later
        meanAveragePrecision = Double(bitPattern: bits)
    }
}
