import CXXHash

/// XXH3-128 (Collet) over everything that decides a model's codes: architecture, preprocessing and tensors.
///
/// Numbers count by their values in single precision, so a file has one fingerprint in all precisions that keep them.
func fingerprint(_ description: ModelDescription, _ tensors: [String: Tensor]) -> String {
    var bytes: [UInt8] = []
    func append(_ text: String) {
        bytes += text.utf8
        bytes.append(0)
    }
    for (key, value) in description.metadata.sorted(by: { $0.key < $1.key }) where key != "format" {
        append(key)
        append(value)
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        append(name)
        append(tensor.shape.map(String.init).joined(separator: "x"))
        for value in tensor.values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
    }
    let hash = bytes.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
    return hexadecimal(hash.high64) + hexadecimal(hash.low64)
}

private func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
