extension Trainer {
    /// Numbers in a written model.
    public enum Precision: String, Sendable, CaseIterable {
        /// Half the size; codes change in very few bits.
        case float16
        /// The weights as trained.
        case float32
    }

    /// The model that the weights make now, as a reader of `writeModel`'s file would get it.
    public func model(precision: Precision = .float16) throws -> HashModel {
        let file = try weightFile(measured: nil)
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
        try weightFile(measured: measured).write(to: path, precision: precision.ofFile)
    }

    private func weightFile(measured: RetrievalEvaluation?) throws -> WeightFile {
        let architecture = try configuration.architecture(classes: labelled.classNames.count, input: images.shape)
        var metadata = ModelDescription(architecture, preprocessing: preprocessing).metadata
        metadata.merge(provenance(measured)) { described, _ in described }
        return WeightFile(tensors: try ComputeThread.shared.run { try network.tensors() }, metadata: metadata)
    }

    /// How the model came about: enough to train it again, and to judge its MAP.
    private func provenance(_ measured: RetrievalEvaluation?) -> [String: String] {
        var provenance = [
            "train": configuration.summary, "seed": "\(configuration.seed)", "split": split.fingerprint,
            "epochs": "\(step / batches.count)", "images": "\(images.count)", "labelled": "\(labelled.count)",
            "class_names": images.classNames.joined(separator: ","),
        ]
        if let measured {
            provenance["protocol"] =
                "\(measured.queryCount) queries, \(split.database.count) images in the database, "
                + "\(split.labelled.count) of them labelled; ties averaged"
            provenance["map"] = decimal(measured.meanAveragePrecision)
            provenance["precision_radius_2"] = decimal(measured.precisionWithinRadius2)
        }
        return provenance
    }
}

extension Trainer.Precision {
    var ofFile: WeightFile.Precision { self == .float16 ? .float16 : .float32 }
}

/// Four digits after the point.
private func decimal(_ value: Double) -> String {
    let digits = String(Int((value * 10_000).rounded()))
    return "0." + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
