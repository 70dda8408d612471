import HashDB
import HashNets
import ImageCodes
import PerceptualHashes

/// What `--version` says: the package, the format of stores, the library that decodes images, the perceptual
/// hashes with what they compute, and the models that are shipped.
enum Version {
    /// The version of the package.
    static let number = "0.1.0"

    /// All lines if they are asked for; it takes a moment to read the models, which other commands need not wait for.
    static var text: String { CommandLine.arguments.contains("--version") ? lines.joined(separator: "\n") : number }

    private static var lines: [String] {
        let models = ModelOption.shipped.compactMap { path -> String? in
            guard let model = try? HashModel.load(path: path, threads: 1) else { return nil }
            return "model \(fileStem(path)): \(model.name), fingerprint \(model.fingerprint)"
        }
        let hashes = PerceptualHash.allCases.map { hash in
            let identity = ImageModel.perceptual(hash).identity
            return "hash \(hash.rawValue): \(identity.name), fingerprint \(identity.fingerprint)"
        }
        return ["hashdb \(number)", "store format \(Store.formatVersion)", "libvips \(ImageFormat.libraryVersion)"]
            + hashes + models
    }
}
