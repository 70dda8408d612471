import ArgumentParser
import Drawings
import Foundation
import HashNets
import ImageCodes

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a model from a folder of images with a folder for each class.",
        discussion: """
            Recipes that learn from labels, and from unlabelled images too:
              two-stage    a codeword for each class, then a residual network that
                           learns them and the labels
              triplet      the same network, by the triplets of each batch beside
            Without labels, from any folder of images:
              views        changed views of an image are alike, different ones not
            The papers' networks and losses:
              cnnh, cnnh+  codes from similarities, then a network that predicts
                           them (+: and labels)
              dnnh         the triplet network with divide-and-encode
            For comparison:
              ksh          supervised hashing with kernels of the pixels
              lsh, bolsh   random projections of the pixels, plain or orthogonal
                           in batches

            Of each class some images are kept apart and searched for at the end. If interrupted, a checkpoint is left, \
            from which --resume goes on; remove it to begin anew.
            """
    )

    @Option(help: ArgumentHelp("How to make the model.", valueName: "name"))
    var recipe = RecipeName.twoStage

    @Option(help: ArgumentHelp("The folder with a folder for each class.", valueName: "dir"), completion: .directory)
    var data: String

    @Option(
        help: ArgumentHelp(
            "A table of labels, where images have several: a file of --data, a tab, labels between commas, line by line.",
            valueName: "file"),
        completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp("A folder of more images, whose classes nobody knows, to learn from too.", valueName: "dir"),
        completion: .directory)
    var unlabelled: String?

    @Flag(help: "Learn also from the images of --data beyond --labelled and --queries, without their labels.")
    var restUnlabelled = false

    @Option(help: ArgumentHelp("The bits of a code.", valueName: "q"))
    var bits = 48

    @Option(help: ArgumentHelp("The weight file to write.", valueName: "file"), completion: .file())
    var out: String

    @Option(
        help: ArgumentHelp("Where to write a report for a web browser.", valueName: "file.html"),
        completion: .file())
    var report: String?

    @OptionGroup(title: "Training")
    var settings: TrainingOptions

    @Flag(help: "Go on from the checkpoint FILE.checkpoint of an interrupted training.")
    var resume = false

    func validate() throws {
        if !(1...1024).contains(bits) { throw ValidationError("--bits \(bits): a code has 1 to 1024 bits") }
        if labels != nil, settings.holdOut > 0 {
            throw ValidationError("--hold-out: with --labels no class can be held out without its images' others")
        }
        let takesUnlabelled = recipe.training?.takesUnlabelled ?? false
        if unlabelled != nil || restUnlabelled, !takesUnlabelled {
            throw ValidationError("--recipe \(recipe.rawValue): it cannot learn from unlabelled images; two-stage can")
        }
        if let network = settings.network, !network.recipes.contains(where: { $0 == recipe.training }) {
            throw ValidationError(
                "--network \(network.rawValue): it has the outputs of \(network.recipes.map(\.rawValue).joined(separator: " and ")), "
                    + "not of --recipe \(recipe.rawValue)")
        }
        if recipe == .views, settings.validation > 0 {
            throw ValidationError("--validation \(settings.validation): --recipe views has no labels to judge by")
        }
        if recipe == .views, let batch = settings.batch, !batch.isMultiple(of: 2) {
            throw ValidationError("--batch \(batch): it must be even for the two views of an image")
        }
        if settings.fullConnection, recipe.training != .dnnh {
            throw ValidationError(
                "--full-connection: it takes the place of dnnh's divide-and-encode, and --recipe \(recipe.rawValue) has none"
            )
        }
    }

    func run() throws {
        _ = try OutputFile(absoluteOut, .weights)
        if recipe.training != nil { try checkCheckpoint() }
        let page = try report.map { try OutputFile($0) }
        let configuration = try recipe.training.map {
            try settings.configuration($0, bits: bits, usesRest: restUnlabelled, severalLabels: labels != nil)
        }
        let images = try loadImages()
        guard var configuration else { return try makeBaseline(of: images) }
        try settings.adapt(&configuration, to: images)
        let others = try unlabelled.map {
            try loadUnlabelledImages(at: $0, shape: settings.shape, log: { StandardError.note($0) })
        }
        try train(configuration, on: images, others, page)
    }

    /// The images of `--data`; without classes where the recipe needs none and there are none.
    private func loadImages() throws -> LabelledImages {
        let log: (String) -> Void = { StandardError.note($0) }
        if let labels {
            let images = try loadLabelledImages(at: data, table: labels, shape: settings.shape, log: log)
            StandardError.note("\(images.count) images with \(images.classNames.count) labels")
            return images
        }
        guard recipe.training?.isSupervised == false, !holdsClasses(data) else {
            let images = try loadLabelledImages(at: data, shape: settings.shape, log: log)
                .holdingOut(classes: settings.holdOut, seed: settings.seed)
            StandardError.note("\(images.count) images of \(images.classNames.count) classes")
            return images
        }
        let images = try loadUnlabelledImages(at: data, shape: settings.shape, log: log)
        StandardError.note("\(images.count) images without classes")
        return LabelledImages(images)
    }

    var absoluteOut: String { URL(fileURLWithPath: out).path }

    private var checkpoint: String { absoluteOut + ".checkpoint" }

    /// Throws where a training would write over what it did not leave itself, or over the hours of one that was interrupted.
    private func checkCheckpoint() throws {
        let isThere = try Trainer.hasCheckpoint(at: checkpoint)
        if resume, !isThere {
            throw ToolError("\(out).checkpoint: there is no checkpoint to go on from; leave out --resume to begin")
        }
        guard !isThere || resume else {
            throw ToolError(
                "\(out).checkpoint: is of a training that has not come to its end; give --resume to go on, or remove it"
            )
        }
    }

    private func train(
        _ configuration: TrainingConfiguration, on images: LabelledImages, _ others: UnlabelledImages?,
        _ page: OutputFile?
    ) throws {
        let trainer = try Trainer(configuration, images: images, unlabelled: others)
        if trainer.supervision != .supervised {
            StandardError.note("\(trainer.supervision.rawValue): \(trainer.unlabelledCount) images without labels")
        }
        noteClassesWithoutQueries(trainer.split, images)
        if resume { try trainer.resume(from: checkpoint) }
        let reporter = TrainingReporter()
        // Not before: nothing else asks for it, and what is interrupted there has nothing to keep.
        let interrupt = Interrupt()
        let isDone = try trainer.run(
            checkpointPath: checkpoint,
            checkpointInterval: .seconds(settings.checkpointInterval),
            progress: { reporter.report($0) },
            control: { interrupt.isRequested ? .stop : .proceed }
        )
        reporter.finish()
        if trainer.hasStoppedEarly {
            StandardError.note(
                "stopped at step \(trainer.step) of \(trainer.steps): no better MAP for \(configuration.patience) judgements"
            )
        }
        guard isDone else {
            StandardError.note("stopped at step \(trainer.step) of \(trainer.steps); go on with --resume")
            throw Interrupted()
        }
        let evaluation = try trainer.evaluate()
        try trainer.writeModel(to: absoluteOut, measured: evaluation)
        if let page { try write(page, trainer, images, reporter.history, evaluation) }
        try? FileManager.default.removeItem(atPath: checkpoint)
        let quality = evaluation.map {
            ", \(trainer.supervision.rawValue), MAP \(fixedPoint($0.meanAveragePrecision))"
        }
        StandardError.note("wrote \(out)\(quality ?? "")")
    }

    /// Names the classes that are too small for images to be kept apart, of which the evaluation will say nothing.
    private func noteClassesWithoutQueries(_ split: ProtocolSplit, _ images: LabelledImages) {
        guard !split.queries.isEmpty, !images.haveSeveralLabels else { return }
        let asked = Set(split.queries.map { images.labels[$0] })
        let others = images.classNames.indices.filter { !asked.contains($0) }.map { images.classNames[$0] }
        guard !others.isEmpty else { return }
        let more = others.count > 5 ? " and \(others.count - 5) more" : ""
        StandardError.note(
            "too few images to keep any apart: \(others.prefix(5).joined(separator: ", "))\(more); they are learned from, and not searched for"
        )
    }

    private func write(
        _ page: OutputFile, _ trainer: Trainer, _ images: LabelledImages, _ history: TrainingHistory,
        _ evaluation: RetrievalEvaluation?
    ) throws {
        let model = try HashModel.load(path: absoluteOut)
        let sample = try TrainingSample(model, images, trainer.split)
        try page.write(
            TrainingPage(model: model, images: images, history: history, evaluation: evaluation, sample: sample).html)
        StandardError.note("wrote \(page.path)")
    }
}
