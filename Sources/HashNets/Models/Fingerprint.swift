import CXXHash

/// XXH3-128 (Collet) over everything that decides a model's codes: architecture, preprocessing and tensors.
///
/// Numbers count by their values in single precision, so a file has one fingerprint in all precisions that keep them.
func fingerprint(_ description: ModelDescription, _ tensors: [String: Tensor]) -> String {
    let hash = RunningHash()
    for (key, value) in description.metadata.sorted(by: { $0.key < $1.key }) where key != "format" {
        hash.update("\(key)\u{0}\(value)\u{0}".utf8.map { $0 })
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        let shape = tensor.shape.map(String.init).joined(separator: "x")
        hash.update("\(name)\u{0}\(shape)\u{0}".utf8.map { $0 })
        hash.update(tensor.values.map { $0.bitPattern.littleEndian })
    }
    return hash.hexadecimal
}

extension LabelledImages {
    /// XXH3-128 over pixels, labels, names of classes and the part for tests, 32 hexadecimal digits: whether a split means these images.
    package var fingerprint: String {
        let hash = RunningHash()
        hash.update("\(shape)\u{0}\(ClassNames.joined(classNames))\u{0}\(haveSeveralLabels)".utf8.map { $0 })
        hash.update(labels.map { UInt64($0).littleEndian })
        for labels in labelSets { hash.update((labels.sorted() + [-1]).map { Int64($0).littleEndian }) }
        hash.update(isTest.map { $0 ? 1 : 0 } as [UInt8])
        hash.update(pixels)
        return hash.hexadecimal
    }
}

/// An XXH3-128 hash that takes its input in pieces.
private final class RunningHash {
    private let state = XXH3_createState()

    init() {
        XXH3_128bits_reset(state)
    }

    deinit {
        XXH3_freeState(state)
    }

    /// Takes the numbers' bytes as they lie in memory.
    func update(_ numbers: [some FixedWidthInteger]) {
        numbers.withUnsafeBytes { _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
    }

    /// The hash of all that came, the high half first.
    var hexadecimal: String {
        let hash = XXH3_128bits_digest(state)
        return [hash.high64, hash.low64].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
