import Foundation
import HashDB
import HashNets
import TestSupport

/// Pictures and models that the tests make themselves.
extension Workspace {
    /// Writes a picture of smooth random waves, 8-bit RGB in the PPM format; pictures of different seeds differ much.
    func writePicture(_ name: String, seed: UInt64, width: Int = 48, height: Int = 40) throws {
        var generator = SplitMix64(seed: seed)
        let waves = (0..<12).map { _ in
            (0..<4).map { _ in Double.random(in: -1...1, using: &generator) }
        }
        var bytes = Array("P6\n\(width) \(height)\n255\n".utf8)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    let sum = waves[(4 * channel)..<(4 * channel + 4)].reduce(0) { sum, wave in
                        let angle = 9 * wave[0] * Double(x) / Double(width) + 9 * wave[1] * Double(y) / Double(height)
                        return sum + wave[2] * sin(angle + 6 * wave[3])
                    }
                    bytes.append(UInt8(min(max(128 + 60 * sum, 0), 255)))
                }
            }
        }
        try write(bytes, to: name)
    }

    /// Writes `count` pictures `NAME/000.ppm` and so on.
    func writePictures(_ folder: String, count: Int, seed: UInt64 = 1) throws {
        for index in 0..<count {
            let number = String(repeating: "0", count: max(0, 3 - String(index).count)) + "\(index)"
            try writePicture("\(folder)/\(number).ppm", seed: seed &* 1_000_003 &+ UInt64(index))
        }
    }

    /// Writes the weight file of a model of random projections of the pixels.
    func writeModel(_ name: String, bits: Int = 64, side: Int = 8, seed: UInt64 = 1) throws {
        var generator = SplitMix64(seed: seed)
        let description = ModelDescription(
            architecture: "lsh",
            bits: bits,
            classes: 0,
            input: ImageShape(channels: 3, height: side, width: side),
            preprocessing: Preprocessing(mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1])
        )
        let weights = (0..<bits * 3 * side * side).map { _ in
            // Irwin and Hall's sum of uniform numbers is nearly normal.
            (0..<6).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator) }
        }
        try WeightFile(
            tensors: [
                "projection.weight": Tensor(shape: [bits, 3 * side * side], values: weights),
                "projection.bias": Tensor(shape: [bits], values: [Float](repeating: 0, count: bits)),
            ],
            metadata: description.metadata
        ).write(to: file(name))
    }

    /// The path as the system spells it, without symbolic links.
    var resolvedPath: String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
}
