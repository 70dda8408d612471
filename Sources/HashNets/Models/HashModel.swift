/// A trained network, or random projections: images in, binary codes out.
///
/// ```swift
/// let model = try HashModel.load(path: "dnnh-48.safetensors")
/// let codes = try model.encode(pixels: pixels, count: 10)   // 10 × model.codeBytes
/// ```
///
/// A model may be called from any number of threads; calls wait for one another. Equal images get equal codes on one
/// machine, whatever the number of images in a call: all are computed by one plan, in batches that are filled up.
public final class HashModel: Sendable {
    /// Name of architecture and code length, such as `dnnh-nin32, 48 bits`.
    public let name: String
    /// 32 hexadecimal digits that differ between models: XXH3-128 over tensors, architecture and preprocessing.
    public let fingerprint: String
    /// Bits of a code.
    public let bitCount: Int
    /// Shape of the images: 1 channel (grey) or 3 (red, green, blue).
    public let input: ImageShape
    /// All metadata of the weight file, such as what the model was trained on.
    public let metadata: [String: String]

    private let preprocessing: Preprocessing
    /// Used on the compute thread alone, one call after the other.
    nonisolated(unsafe) private let encoder: any Encoder

    /// Bytes of a code; where the bits do not fill the last byte its high bits are zero.
    public var codeBytes: Int { (bitCount + 7) / 8 }

    /// Images that one pass computes.
    static let batch = 16

    /// Reads a weight file strictly; throws `HashNetsError` naming what is wrong.
    public static func load(path: String) throws -> HashModel {
        try HashModel(WeightFile(reading: path))
    }

    /// Makes the model that a file's content describes.
    package init(_ file: WeightFile) throws {
        let description = try ModelDescription(file)
        encoder = try ComputeThread.shared.run { try makeEncoder(description, file, batch: Self.batch) }
        name = "\(description.architecture), \(description.bits) bits"
        fingerprint = HashNets.fingerprint(description, file.tensors)
        bitCount = description.bits
        input = description.input
        metadata = file.metadata
        preprocessing = description.preprocessing
    }

    /// Codes of `count` images, each height × width × channels bytes of sRGB, interleaved: `count` × `codeBytes`.
    ///
    /// Bit i of a code is bit i mod 8 of its byte i div 8. Throws `pixelCount` where the bytes are not as many.
    public func encode(pixels: UnsafeBufferPointer<UInt8>, count: Int) throws -> [UInt8] {
        let (expected, overflow) = count.multipliedReportingOverflow(by: input.count)
        guard count >= 0, !overflow, expected == pixels.count else {
            throw HashNetsError.pixelCount(expected: overflow ? .max : expected, found: pixels.count)
        }
        return try ComputeThread.shared.run { try encode(pixels, count: count) }
    }

    /// Codes of `count` images; see `encode(pixels:count:)` with a buffer.
    public func encode(pixels: [UInt8], count: Int) throws -> [UInt8] {
        try pixels.withUnsafeBufferPointer { try encode(pixels: $0, count: count) }
    }

    private func encode(_ pixels: UnsafeBufferPointer<UInt8>, count: Int) throws -> [UInt8] {
        var codes: [UInt8] = []
        codes.reserveCapacity(count * codeBytes)
        var planes = [Float](repeating: 0, count: encoder.batch * input.count)
        for first in stride(from: 0, to: count, by: encoder.batch) {
            let images = min(encoder.batch, count - first)
            let part = UnsafeBufferPointer(rebasing: pixels[first * input.count..<(first + images) * input.count])
            preprocessing.normalize(part, shape: input, into: &planes)
            let numbers = try encoder.encode(planes)
            for image in 0..<images {
                codes += packedSigns(numbers[image * encoder.outputs..<image * encoder.outputs + bitCount])
            }
        }
        return codes
    }
}

/// One bit for each number, 1 where it is above 0; bit i is bit i mod 8 of byte i div 8.
package func packedSigns(_ numbers: ArraySlice<Float>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (numbers.count + 7) / 8)
    for (index, number) in numbers.enumerated() where number > 0 {
        bytes[index / 8] |= 1 << UInt8(index % 8)
    }
    return bytes
}
