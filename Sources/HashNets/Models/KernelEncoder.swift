import Foundation

/// Supervised hashing with kernels: number k is Σ_j weight_kj · exp(−s·‖x − anchor_j‖²) + bias_k.
///
/// Tensors: `anchors` [m, d] with d the values of one image, `kernel.scale` [1] (s), `projection.weight` [bits, m] and
/// `projection.bias` [bits].
final class KernelEncoder: Encoder {
    /// The name in metadata.
    static let architecture = "ksh"

    private let kernel: GaussianKernel
    private let weight: Tensor
    private let bias: Tensor

    init(_ description: ModelDescription, _ file: WeightFile) throws {
        guard let anchors = file.tensors["anchors"] else {
            throw HashNetsError.tensorMissing(path: file.path, tensor: "anchors")
        }
        let count = anchors.shape.first ?? 0
        let checked = try file.tensor("anchors", shape: [count, description.input.count])
        let scale = try file.tensor("kernel.scale", shape: [1]).values[0]
        guard scale >= 0 else {
            throw HashNetsError.metadataInvalid(path: file.path, key: "kernel.scale", reason: "is negative")
        }
        weight = try file.tensor("projection.weight", shape: [description.bits, count])
        bias = try file.tensor("projection.bias", shape: [description.bits])
        let known = ["anchors", "kernel.scale", "projection.weight", "projection.bias"]
        if let stranger = file.tensors.keys.filter({ !known.contains($0) }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
        kernel = GaussianKernel(anchors: checked, scale: scale)
    }

    let groupSize = 1

    func encode(_ images: [[Float]]) -> [[Float]] { images.map(encode) }

    private func encode(_ image: [Float]) -> [Float] {
        let features = kernel.features(of: image)
        return bias.values.indices.map { output in
            var sum = bias.values[output]
            for index in features.indices { sum += weight.values[output &* features.count &+ index] * features[index] }
            return sum
        }
    }
}

/// exp(−s·‖x − a‖²) for each anchor a.
struct GaussianKernel: Sendable {
    /// Anchors × values.
    let anchors: Tensor
    /// s.
    let scale: Float

    /// The value of each anchor's kernel.
    func features(of image: [Float]) -> [Float] {
        Self.squaredDistances(of: image, to: anchors).map(value)
    }

    /// exp(−s·distance).
    func value(ofSquaredDistance distance: Float) -> Float {
        exp(-scale * distance)
    }

    /// ‖x − a‖² for each anchor.
    static func squaredDistances(of image: [Float], to anchors: Tensor) -> [Float] {
        let width = SIMD8<Float>.scalarCount
        return image.withUnsafeBytes { image in
            anchors.values.withUnsafeBytes { anchors in
                let count = image.count / MemoryLayout<Float>.size
                guard count > 0 else { return [] }
                return (0..<anchors.count / image.count).map { anchor in
                    let start = anchor &* image.count
                    var sums = SIMD8<Float>()
                    for index in stride(from: 0, through: count - width, by: width) {
                        let offset = index &* MemoryLayout<Float>.size
                        let difference =
                            image.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                            - anchors.loadUnaligned(fromByteOffset: start &+ offset, as: SIMD8<Float>.self)
                        sums += difference * difference
                    }
                    var sum = sums.sum()
                    for index in count / width * width..<count {
                        let offset = index &* MemoryLayout<Float>.size
                        let difference =
                            image.load(fromByteOffset: offset, as: Float.self)
                            - anchors.load(fromByteOffset: start &+ offset, as: Float.self)
                        sum += difference * difference
                    }
                    return sum
                }
            }
        }
    }
}
