import Foundation
import HashNets

/// A checkpoint in which lines of any bytes, each a name, a tab and a value, take the place of metadata or of all values of a tensor: it is
/// refused, or the training goes on from it.
enum FuzzedCheckpoint {
    private struct NoTraining: Error, CustomStringConvertible {
        let description: String
    }

    /// What a checkpoint tells of how far training is.
    private static let keys = [
        "step", "optimizer steps", "average steps", "dropout", "best step", "best later", "best map",
    ]

    /// One of the first phase, and one of consistency training.
    private static let checkpoints: Result<[WeightFile], any Error> = Result {
        do { return try [1, 3].map(checkpoint) } catch {
            throw NoTraining(description: "no training to go on with: \(error)")
        }
    }

    static func seeds() throws -> [[UInt8]] {
        try checkpoints.get().enumerated().map { number, checkpoint in
            let lines = keys.map { "\($0)\t\(checkpoint.metadata[$0] ?? "")" } + ["conv1.weight\t0.5"]
            return [UInt8(number)] + Array(lines.joined(separator: "\n").utf8)
        }
    }

    /// The first byte tells which checkpoint; the steps after both are judged.
    static func run(_ bytes: [UInt8], scratch path: String) throws {
        let checkpoints = try checkpoints.get()
        var file = checkpoints[Int(bytes.first ?? 0) % checkpoints.count]
        for line in bytes.dropFirst().split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
                .map { String(decoding: $0, as: UTF8.self) }
            guard let name = parts.first else { continue }
            let value = parts.dropFirst().first
            if let tensor = file.tensors[name] {
                file.tensors[name] = value.flatMap { Float($0) }.map { number in
                    Tensor(shape: tensor.shape, values: tensor.values.map { _ in number })
                }
            } else {
                file.metadata[name] = value
            }
        }
        try Data(file.bytes(precision: .float32)).write(to: URL(fileURLWithPath: path))
        let trainer = try training()
        try trainer.resume(from: path)
        try trainer.run(control: { .stop })
        _ = try trainer.model(precision: .float32)
    }

    private static func checkpoint(after step: Int) throws -> WeightFile {
        let path = FuzzTarget.scratch()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let trainer = try training()
        try trainer.run(checkpointPath: path, control: { trainer.step == step ? .stop : .proceed })
        return try WeightFile(reading: path)
    }

    /// Two steps of the first phase and two of consistency training, each an epoch, with a small network.
    private static func training() throws -> Trainer {
        var configuration = TrainingConfiguration(.twoStage, bits: 8)
        configuration.width = 4
        configuration.epochs = 2
        configuration.batch = 16
        configuration.queriesPerClass = 0
        configuration.validationPerClass = 2
        configuration.threads = 1
        configuration.consistency.epochs = 2
        configuration.consistency.labelled = 4
        configuration.consistency.unlabelled = 4
        configuration.consistency.candidates = 4
        let shape = ImageShape(channels: 3, height: 16, width: 16)
        func pixels(_ count: Int) -> [UInt8] {
            (0..<count * shape.count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
        }
        let images = LabelledImages(
            pixels: pixels(24), labels: (0..<24).map { $0 % 2 }, classNames: ["a", "b"], shape: shape)
        return try Trainer(
            configuration, images: images, unlabelled: UnlabelledImages(pixels: pixels(4), shape: shape))
    }
}
