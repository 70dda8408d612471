import ArgumentParser
import HashNets
import ImageCodes
import PerceptualHashes

/// What is measured beside a model, in the same run.
enum Comparison: Hashable, ExpressibleByArgument {
    /// Random projections of the pixels; they learn nothing but the mean.
    case lsh, bolsh
    /// Kernels of the pixels, which learn from the labelled images of the plan.
    case ksh
    /// A hash of the pixels' brightness, as they were decoded for the model.
    case perceptual(PerceptualHash)
    /// Another weight file.
    case file(String)

    init(argument: String) {
        self =
            switch argument {
            case "lsh": .lsh
            case "bolsh": .bolsh
            case "ksh": .ksh
            default: PerceptualHash(id: argument).map { .perceptual($0) } ?? .file(argument)
            }
    }

    /// The codes that it gives the images of a plan, as long as those of the model.
    func codes(
        _ plan: EvaluationPlan, bits: Int, seed: UInt64, threads: Int?, _ arithmetic: HashModel.Arithmetic
    ) throws -> ComparedCodes {
        switch self {
        case .lsh: try Self.projected(plan, name: "lsh", bits: bits, batch: 1, seed: seed)
        case .bolsh: try Self.projected(plan, name: "bolsh", bits: bits, batch: nil, seed: seed)
        case .ksh: try Self.kernels(plan, bits: bits, seed: seed)
        case .perceptual(let hash): try ComparedCodes(hash, of: plan.images)
        case .file(let path): try Self.encoded(plan, path: path, threads: threads, arithmetic)
        }
    }

    private static func projected(
        _ plan: EvaluationPlan, name: String, bits: Int, batch: Int?, seed: UInt64
    ) throws -> ComparedCodes {
        let projections = try RandomProjections(
            dimension: plan.images.shape.count, bits: bits, batch: batch, seed: seed)
        let model = try LocalitySensitiveHashing(projections, of: plan.images.subset(plan.task.database)).model()
        return ComparedCodes(name: name, model: model, of: try model.outputs(plan.images))
    }

    private static func kernels(_ plan: EvaluationPlan, bits: Int, seed: UInt64) throws -> ComparedCodes {
        guard plan.method != .unseen else {
            throw ToolError(
                "--beside ksh: it learns from labels, and these classes are to be unseen; name a file of train --recipe ksh"
            )
        }
        var settings = KernelHashing.Settings(bits: bits)
        settings.seed = seed
        let progress = ProgressReport(unit: "bits")
        defer { progress.clear() }
        let model = try KernelHashing(settings, ofLabelled: plan.images.subset(plan.split.labelled)) {
            progress.update(done: $0, total: bits, detail: "ksh")
        }.model()
        let learned = model.metadata["labelled"].map { ", learned from \($0) of \(plan.split.labelled.count) labelled" }
        return ComparedCodes(name: "ksh", model: model, of: try model.outputs(plan.images), note: learned ?? "")
    }

    private static func encoded(
        _ plan: EvaluationPlan, path: String, threads: Int?, _ arithmetic: HashModel.Arithmetic
    ) throws -> ComparedCodes {
        let model = try HashModel.load(path: path, threads: threads, arithmetic: arithmetic)
        guard model.input == plan.images.shape else {
            throw ToolError("\(path): takes images of \(model.input), where these are read as \(plan.images.shape)")
        }
        return ComparedCodes(name: fileStem(path), model: model, of: try model.outputs(plan.images))
    }
}

/// Codes of all images of a plan, and where they come from.
struct ComparedCodes {
    let name: String
    let fingerprint: String
    let bits: Int
    let codes: [UInt8]
    /// What there is to say of how they were made.
    let note: String
    /// Whether two codes that differ do so in exactly two bits, so that all are within a radius of 2.
    let isOneHot: Bool

    init(name: String, model: HashModel, of outputs: ModelOutputs, note: String = "") {
        self.name = name
        self.note = note
        isOneHot = false
        fingerprint = model.fingerprint
        bits = model.bitCount
        codes = outputs.codes
    }

    /// The perceptual hashes of the pixels.
    init(_ hash: PerceptualHash, of images: LabelledImages) throws {
        name = hash.rawValue
        note = ""
        isOneHot = false
        fingerprint = hash.identity.fingerprint
        bits = hash.bitWidth
        let shape = images.shape
        codes = try (0..<images.count).flatMap { index in
            let block = try LumaBlock(
                Array(images.pixels[index * shape.count..<(index + 1) * shape.count]), width: shape.width,
                height: shape.height, layout: shape.channels == 1 ? .grey : .rgb)
            return hash.code(of: block).bytes
        }
    }

    /// The codes of the labels that a model gives the images, one-hot where they have one class each; nil where it has no label outputs, or more than a store
    /// has bits.
    init?(classifier model: HashModel, of outputs: ModelOutputs) {
        guard (1...1024).contains(model.labelCount) else { return nil }
        isOneHot = !model.hasLearnedSeveralLabels
        name = isOneHot ? "one-hot" : "labels"
        note = ""
        fingerprint = model.fingerprint
        bits = model.labelCount
        codes = outputs.labelCodes
    }

    /// Asks a store of these codes all questions of the plan.
    func evaluation(_ plan: EvaluationPlan, measures: RetrievalEvaluation.Measures) throws -> RetrievalEvaluation {
        let progress = ProgressReport(unit: "queries")
        defer { progress.clear() }
        return try RetrievalEvaluation(
            searchingStoreFor: plan.task, codes: codes, codeBytes: (bits + 7) / 8, measures: measures
        ) { progress.update(done: $0, total: plan.task.queries.count, detail: name) }
    }
}

extension HashModel {
    /// What the model says of all images, with progress for those who wait.
    func outputs(_ images: LabelledImages) throws -> ModelOutputs {
        let progress = ProgressReport(unit: "images")
        defer { progress.clear() }
        var all = ModelOutputs()
        for start in stride(from: 0, to: images.count, by: 1024) {
            let end = min(start + 1024, images.count)
            let pixels = Array(images.pixels[start * input.count..<end * input.count])
            let some = try outputs(pixels: pixels, count: end - start)
            all.codes += some.codes
            all.labels += some.labels
            all.labelCodes += some.labelCodes
            progress.update(done: end, total: images.count)
        }
        return all
    }
}
