import Drawings

extension Trainer {
    /// Numbers in a written model.
    public enum Precision: String, Sendable, CaseIterable {
        /// Half the size; codes change in very few bits.
        case float16
        /// The weights as trained.
        case float32
    }

    /// What a model has learned from: figures of one kind must not stand beside those of another unnamed.
    public enum Supervision: String, Sendable {
        /// Labelled images.
        case supervised
        /// Labelled images, and others without their labels.
        case semiSupervised = "semi-supervised"
        /// Images without labels.
        case unsupervised
    }

    /// What the model learns from.
    public var supervision: Supervision {
        guard configuration.recipe.isSupervised else { return .unsupervised }
        return unlabelledCount > 0 ? .semiSupervised : .supervised
    }

    /// The model that the best weights by validation make, or else those of now, as a reader of `writeModel`'s file would get it.
    public func model(precision: Precision = .float16) throws -> HashModel {
        let file = try weightFile(measured: nil)
        try check(file, precision)
        return try HashModel(WeightFile(bytes: file.bytes(precision: precision.ofFile), path: "memory"))
    }

    /// Searches the queries that were kept apart in the database, protocol P1; nil where none were kept.
    public func evaluate(precision: Precision = .float16) throws -> RetrievalEvaluation? {
        guard !split.queries.isEmpty else { return nil }
        return try RetrievalEvaluation(model: model(precision: precision), images: images, split: split)
    }

    /// Writes the model with its provenance; with an evaluation, its measured quality too. Atomic.
    public func writeModel(
        to path: String, precision: Precision = .float16, measured: RetrievalEvaluation? = nil
    ) throws {
        let file = try weightFile(measured: measured)
        try check(file, precision)
        try file.write(to: path, precision: precision.ofFile)
    }

    /// Throws `trainingDiverged` where a weight is too large for any use. With normalisation the loss may stay a number all the same.
    private func check(_ file: WeightFile, _ precision: Precision) throws {
        for (name, tensor) in file.tensors {
            let largest: Float = precision.ofFile.keepsSingle(name) ? .greatestFiniteMagnitude : 65504
            guard tensor.values.allSatisfy({ abs($0) <= largest }) else {
                throw LearningError.trainingDiverged(step: step)
            }
        }
    }

    /// Weights and description; the best weights by validation where it chooses, else the present ones.
    private func weightFile(measured: RetrievalEvaluation?) throws -> WeightFile {
        let tensors = try best?.tensors ?? ComputeThread.shared.run { try learner.modelTensors() }
        return try weightFile(tensors, measured: measured)
    }

    /// The file of a model with the given weights.
    func weightFile(_ tensors: [String: Tensor], measured: RetrievalEvaluation? = nil) throws -> WeightFile {
        let architecture = try configuration.architecture(classes: labelled.classNames.count, input: images.shape)
        var metadata = ModelDescription(
            architecture, preprocessing: source.preprocessing, averagesMirror: configuration.averagesMirror
        ).metadata
        metadata.merge(provenance(measured)) { described, _ in described }
        return WeightFile(tensors: tensors, metadata: metadata)
    }

    /// How the model came about: enough to train it again, and to judge its MAP.
    private func provenance(_ measured: RetrievalEvaluation?) -> [String: String] {
        var provenance = [
            "train": settings, "supervision": supervision.rawValue, "seed": "\(configuration.seed)",
            "epochs": "\(min(step, source.steps.first) / source.steps.perEpoch)",
            "images": "\(images.count)", "labelled": "\(supervision == .unsupervised ? 0 : labelled.count)",
            "images_fingerprint": imagesFingerprint, "computed_in": computedIn,
        ]
        if configuration.recipe.isSupervised || images.classNames.count >= 2 {
            provenance["class_names"] = ClassNames.joined(images.classNames)
        }
        provenance.merge(split.provenance(images)) { own, _ in own }
        if images.haveSeveralLabels { provenance["labels"] = HashModel.severalLabels }
        if unlabelledCount > 0 { provenance["unlabelled"] = "\(unlabelledCount)" }
        if let best {
            provenance["validation"] =
                "MAP \(fixedPoint(best.meanAveragePrecision)) after step \(best.step), the best of \(step) of \(steps)"
        }
        if let measured {
            provenance["protocol"] =
                "\(measured.queryCount) queries, \(split.database.count) images in the database, "
                + "\(split.labelled.count) of them labelled; \(supervision.rawValue); ties averaged"
            provenance["map"] = fixedPoint(measured.meanAveragePrecision)
            provenance["precision_radius_2"] = fixedPoint(measured.precisionWithinRadius2)
        }
        return provenance
    }
}

extension Trainer.Precision {
    var ofFile: WeightFile.Precision { self == .float16 ? .float16 : .float32 }
}
