import ArgumentParser
import Foundation
import HashNets
import ImageCodes

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a model from a folder of images with a folder for each class.",
        discussion: """
            cnnh: codes from similarities, then a network that predicts them; cnnh+: with labels learned beside; \
            dnnh: the triplet network. Of each class some images are kept apart and searched for at the end. \
            If interrupted, a checkpoint is left, from which --resume goes on.
            lsh, bolsh: random projections of the pixels, plain or orthogonal in batches; they learn the images' mean alone.
            """
    )

    @Argument(help: "What to make.")
    var model: TrainableModel

    @Option(help: ArgumentHelp("The folder with a folder for each class.", valueName: "dir"))
    var data: String

    @Option(help: ArgumentHelp("The bits of a code.", valueName: "q"))
    var bits = 48

    @Option(help: ArgumentHelp("The weight file to write.", valueName: "file"))
    var out: String

    @OptionGroup(title: "Training")
    var settings: TrainingOptions

    @Flag(help: "Go on from the checkpoint FILE.checkpoint of an interrupted training.")
    var resume = false

    func validate() throws {
        if !(1...1024).contains(bits) { throw ValidationError("--bits \(bits): a code has 1 to 1024 bits") }
    }

    func run() throws {
        // Before hours of work, not after them.
        let folder = URL(fileURLWithPath: out).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ToolError("\(out): cannot be written, as \(folder) is no folder that can be written to")
        }
        let interrupt = Interrupt()
        let configuration = try model.family.map { try settings.configuration($0, bits: bits) }
        let images = try loadLabelledImages(at: data, shape: settings.shape, log: { StandardError.note($0) })
        StandardError.note("\(images.count) images of \(images.classNames.count) classes")
        if let configuration {
            try train(configuration, on: images, interrupt)
        } else {
            try project(images)
        }
    }

    private var absoluteOut: String { URL(fileURLWithPath: out).path }

    private func train(_ configuration: TrainingConfiguration, on images: LabelledImages, _ interrupt: Interrupt) throws
    {
        let trainer = try Trainer(configuration, images: images)
        let checkpoint = absoluteOut + ".checkpoint"
        if resume { try trainer.resume(from: checkpoint) }
        let reporter = TrainingReporter()
        let isDone = try trainer.run(
            checkpointPath: checkpoint,
            progress: { reporter.report($0) },
            control: { interrupt.isRequested ? .stop : .proceed }
        )
        reporter.finish()
        guard isDone else {
            StandardError.note("stopped at step \(trainer.step) of \(trainer.steps); go on with --resume")
            throw Interrupted()
        }
        let evaluation = try trainer.evaluate()
        try trainer.writeModel(to: absoluteOut, measured: evaluation)
        try? FileManager.default.removeItem(atPath: checkpoint)
        let quality = evaluation.map { ", MAP \(EvaluationReport.decimal($0.meanAveragePrecision))" } ?? ""
        StandardError.note("wrote \(out)\(quality)")
    }

    private func project(_ images: LabelledImages) throws {
        let projections = try RandomProjections(
            dimension: images.shape.count,
            bits: bits,
            batch: model == .lsh ? 1 : nil,
            seed: settings.seed
        )
        try LocalitySensitiveHashing(projections, of: images).writeModel(to: absoluteOut)
        StandardError.note("wrote \(out)")
    }
}
