import HashNets
import ImageCodes

func encode() throws {
    let pixels = [UInt8](repeating: 128, count: 10 * 3 * 32 * 32)
    let model = try HashModel.load(path: "photo-64.safetensors")
    let codes = try model.encode(pixels: pixels, count: 10)  // 10 × model.codeBytes
    print(codes.count)
}

func training() throws {
    let images = try loadLabelledImages(at: "things", shape: ImageShape(channels: 3, height: 32, width: 32))
    var configuration = TrainingConfiguration(.twoStage, bits: 32)
    configuration.epochs = 20
    let trainer = try Trainer(configuration, images: images)
    try trainer.run(checkpointPath: "things.checkpoint") { progress in
        print(progress.step, progress.loss)
    }
    try trainer.writeModel(to: "things.safetensors", measured: trainer.evaluate())
    let codes = try HashModel.load(path: "things.safetensors").encode(pixels: images.pixels, count: images.count)
    print(codes.count)
}

func evaluation() throws {
    let model = try HashModel.load(path: "cnnh-48.safetensors")
    let images = try loadLabelledImages(at: "cifar", shape: model.input)
    let plan = try EvaluationPlan(
        .p2, images: images, learnedClasses: model.learnedClasses, seed: model.trainingSeed ?? 1)
    let outputs = try model.outputs(pixels: plan.images.pixels, count: plan.images.count)
    let found = try RetrievalEvaluation(
        searchingStoreFor: plan.task, codes: outputs.codes, codeBytes: model.codeBytes)
    print(found.meanAveragePrecision)
}
