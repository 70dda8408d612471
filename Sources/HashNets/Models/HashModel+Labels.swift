/// What a model says of some images.
public struct ModelOutputs: Hashable, Sendable {
    /// The codes, one after the other.
    public var codes: [UInt8]
    /// For each image the class whose label output is largest; empty where the model has no label outputs.
    public var labels: [Int]
    /// Codes of the labels, `labelCodeBytes` each: the bit of that class alone is set (one-hot); where images have several
    /// labels, the bit of each whose output is above 0.
    public var labelCodes: [UInt8]

    /// Joins what is said of the same images.
    public init(codes: [UInt8] = [], labels: [Int] = [], labelCodes: [UInt8] = []) {
        self.codes = codes
        self.labels = labels
        self.labelCodes = labelCodes
    }
}

extension HashModel {
    /// What metadata say under `labels` where images have several.
    static let severalLabels = "several"

    /// Whether the model learned from images with several labels each.
    public var hasLearnedSeveralLabels: Bool { metadata["labels"] == Self.severalLabels }

    /// Bytes of a code of the labels; 0 where the model has no label outputs.
    public var labelCodeBytes: Int { (labelCount + 7) / 8 }

    /// Codes, and guesses of the class where the model learned labels beside the code, in one pass.
    ///
    /// The one-hot code of the guess is what every retrieval figure should stand beside: where each class is known in
    /// training, a classifier's answer is a code too (Sablayrolles et al., "How should we evaluate supervised hashing?",
    /// ICASSP 2017). Throws as `encode`.
    public func outputs(pixels: [UInt8], count: Int) throws -> ModelOutputs {
        try check(pixelCount: pixels.count, of: count)
        let labelled = labelCount > 0 ? count : 0
        var outputs = ModelOutputs(
            codes: [UInt8](repeating: 0, count: count * codeBytes), labels: [Int](repeating: 0, count: labelled),
            labelCodes: [UInt8](repeating: 0, count: labelled * labelCodeBytes))
        try outputs.codes.withUnsafeMutableBufferPointer { codes in
            try outputs.labels.withUnsafeMutableBufferPointer { labels in
                try outputs.labelCodes.withUnsafeMutableBufferPointer { labelCodes in
                    // Every image has places of its own.
                    nonisolated(unsafe) let (codes, labels, labelCodes) = (codes, labels, labelCodes)
                    try pixels.withUnsafeBufferPointer { pixels in
                        try forEachImage(pixels, count: count) { image, numbers in
                            packSigns(
                                numbers.prefix(bitCount), into: codes[image * codeBytes..<(image + 1) * codeBytes])
                            guard labelCount > 0 else { return }
                            let outputs = numbers[bitCount..<bitCount + labelCount]
                            labels[image] = indexOfLargest(outputs)
                            packLabels(
                                outputs, labels[image],
                                into: labelCodes[image * labelCodeBytes..<(image + 1) * labelCodeBytes])
                        }
                    }
                }
            }
        }
        return outputs
    }

    private func packLabels(
        _ outputs: ArraySlice<Float>, _ largest: Int, into bytes: Slice<UnsafeMutableBufferPointer<UInt8>>
    ) {
        if hasLearnedSeveralLabels {
            packSigns(outputs, into: bytes)
        } else {
            UnsafeMutableBufferPointer(rebasing: bytes)[largest / 8] = 1 << UInt8(largest % 8)
        }
    }
}

/// The place of the largest number, counted from 0; of equal ones the first.
private func indexOfLargest(_ numbers: ArraySlice<Float>) -> Int {
    var largest = numbers.startIndex
    for index in numbers.indices where numbers[index] > numbers[largest] { largest = index }
    return largest - numbers.startIndex
}
