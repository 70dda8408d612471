/// What a model says of some images.
public struct ModelOutputs: Hashable, Sendable {
    /// The codes, one after the other.
    public var codes: [UInt8]
    /// For each image the class whose label output is largest; empty where the model has no label outputs.
    public var labels: [Int]
    /// One-hot codes of the labels, `labelCodeBytes` each: the bit of that class alone is set.
    public var labelCodes: [UInt8]

    /// Joins what is said of the same images.
    public init(codes: [UInt8] = [], labels: [Int] = [], labelCodes: [UInt8] = []) {
        self.codes = codes
        self.labels = labels
        self.labelCodes = labelCodes
    }
}

extension HashModel {
    /// Bytes of a one-hot code of the labels; 0 where the model has no label outputs.
    public var labelCodeBytes: Int { (labelCount + 7) / 8 }

    /// Codes, and guesses of the class where the model learned labels beside the code, in one pass.
    ///
    /// The one-hot code of the guess is what every retrieval figure should stand beside: where each class is known in
    /// training, a classifier's answer is a code too (Sablayrolles et al., "How should we evaluate supervised hashing?",
    /// ICASSP 2017). Throws as `encode`.
    public func outputs(pixels: [UInt8], count: Int) throws -> ModelOutputs {
        try check(pixelCount: pixels.count, of: count)
        var outputs = ModelOutputs(
            codes: [UInt8](repeating: 0, count: count * codeBytes),
            labels: [Int](repeating: 0, count: labelCount > 0 ? count : 0))
        try outputs.codes.withUnsafeMutableBufferPointer { codes in
            try outputs.labels.withUnsafeMutableBufferPointer { labels in
                nonisolated(unsafe) let (codes, labels) = (codes, labels)  // every image has places of its own
                try pixels.withUnsafeBufferPointer { pixels in
                    try forEachImage(pixels, count: count) { image, numbers in
                        packSigns(numbers.prefix(bitCount), into: codes[image * codeBytes..<(image + 1) * codeBytes])
                        guard labelCount > 0 else { return }
                        labels[image] = indexOfLargest(numbers[bitCount..<bitCount + labelCount])
                    }
                }
            }
        }
        outputs.labelCodes = [UInt8](repeating: 0, count: outputs.labels.count * labelCodeBytes)
        for (image, label) in outputs.labels.enumerated() {
            outputs.labelCodes[image * labelCodeBytes + label / 8] = 1 << UInt8(label % 8)
        }
        return outputs
    }
}

/// The place of the largest number, counted from 0; of equal ones the first.
private func indexOfLargest(_ numbers: ArraySlice<Float>) -> Int {
    var largest = numbers.startIndex
    for index in numbers.indices where numbers[index] > numbers[largest] { largest = index }
    return largest - numbers.startIndex
}
