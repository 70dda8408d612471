import Foundation
import HashDB
import HashNets
import ImageCodes
import Synchronization

/// A stand-in for a network: the code is the image's 8 × 8 pixels of grey compared with their mean, so similar images have near codes.
final class StubEncoder: PixelEncoder {
    let identity: ModelIdentity
    let input = ImageShape(channels: 1, height: 8, width: 8)
    let codeBytes = 8
    /// Called before each batch, with the number of images.
    private let beforeBatch: @Sendable (Int) throws -> Void
    private let sizes = Mutex<[Int]>([])

    init(fingerprint: String = "stub", beforeBatch: @escaping @Sendable (Int) throws -> Void = { _ in }) {
        identity = ModelIdentity(name: "stub", fingerprint: fingerprint)
        self.beforeBatch = beforeBatch
    }

    /// Images in each call of `encode`.
    var batches: [Int] { sizes.withLock { $0 } }

    func encode(pixels: [UInt8], count: Int) throws -> [UInt8] {
        try beforeBatch(count)
        sizes.withLock { $0.append(count) }
        return (0..<count).flatMap { image -> [UInt8] in
            let image = pixels[image * 64..<(image + 1) * 64]
            let mean = image.reduce(0) { $0 + Int($1) } / 64
            let bits = image.map { Int($0) > mean }
            return (0..<8).map { byte in (0..<8).reduce(0) { $0 | (bits[8 * byte + $1] ? 1 << UInt8($1) : 0) } }
        }
    }
}
