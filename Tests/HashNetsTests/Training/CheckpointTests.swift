import Foundation
import HashNets
import Testing

@Suite(.serialized) struct CheckpointTests {
    private let images = syntheticImages(perClass: 30, side: 16)

    /// With a running average and validation, so that checkpoints have all that they may have.
    private var configuration: TrainingConfiguration {
        var configuration = TrainingConfiguration(.twoStage, bits: 8)
        configuration.width = 4
        configuration.epochs = 4
        configuration.batch = 12
        configuration.labelledPerClass = 20
        configuration.queriesPerClass = 4
        configuration.validationPerClass = 4
        configuration.threads = 1
        return configuration
    }

    /// Calls the closure with a checkpoint of half a training, and with a trainer that may go on from it.
    private func withCheckpoint(_ body: (WeightFile, Trainer) throws -> Void) throws {
        try removing(temporaryPath("checkpoint")) { path in
            let first = try Trainer(configuration, images: images)
            try first.run(checkpointPath: path, control: { first.step == first.steps / 2 ? .stop : .proceed })
            try body(WeightFile(reading: path), Trainer(configuration, images: images))
        }
    }

    @Test(arguments: ["step", "optimizer steps", "average steps", "best step", "best later"])
    func stepsThatCannotBeAreRefused(key: String) throws {
        try withCheckpoint { checkpoint, trainer in
            #expect(checkpoint.metadata[key] != nil)
            for value in ["-1", "\(Int.min)", "\(Int.max)", "\(trainer.steps + 1)", "9223372036854775808", "1e3", ""] {
                var changed = checkpoint
                changed.metadata[key] = value
                try changed.write(to: checkpoint.path)
                #expect {
                    try trainer.resume(from: checkpoint.path)
                } throws: { error in
                    guard case .checkpointUnreadable(let path, let reason) = error as? LearningError else {
                        return false
                    }
                    return path == checkpoint.path && reason.contains(key)
                }
                #expect(trainer.step == 0)
            }
        }
    }

    @Test(arguments: ["conv1.weight", "conv1.weight.average", "conv1.weight.running", "best/conv1.weight"])
    func tensorsThatAreMissingOrOfAnotherShapeAreRefused(name: String) throws {
        try withCheckpoint { checkpoint, trainer in
            #expect(checkpoint.tensors[name] != nil)
            for tensor in [nil, Tensor(shape: [1], values: [0])] {
                var changed = checkpoint
                changed.tensors[name] = tensor
                try changed.write(to: checkpoint.path)
                #expect(throws: LearningError.checkpointMismatch(path: checkpoint.path, what: "tensor \(name)")) {
                    try trainer.resume(from: checkpoint.path)
                }
            }
        }
    }

    @Test func checkpointsTakeThePlaceOfNothingElse() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/model.checkpoint"
            let trainer = try Trainer(configuration, images: images)
            func expectRefusal() {
                #expect(
                    throws: HashNetsError.weightFileUnwritable(
                        path: path,
                        reason: "something other than a whole checkpoint is there; move it away, or choose another name"
                    )
                ) { try trainer.run(checkpointPath: path, control: { .stop }) }
                #expect(trainer.step == 0)
            }
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
            expectRefusal()
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
            try trainer.writeModel(to: path)
            expectRefusal()
            #expect(try WeightFile(reading: path).metadata["arch"] == "residual32")
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            expectRefusal()
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/nowhere")
            expectRefusal()
            try FileManager.default.removeItem(atPath: path)
            #expect(try Trainer.hasCheckpoint(at: path) == false)
            for step in 1...2 {
                try trainer.run(checkpointPath: path, control: { .stop })
                #expect(try Trainer.hasCheckpoint(at: path))
                #expect(try WeightFile(reading: path).metadata["step"] == "\(step)")
            }
        }
    }
}
