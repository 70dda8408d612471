import Foundation

/// A trained network, or random projections: images in, binary codes out.
///
/// ```swift
/// let model = try HashModel.load(path: "photo-64.safetensors")
/// let codes = try model.encode(pixels: pixels, count: 10)  // 10 × model.codeBytes
/// ```
///
/// A model may be called from any number of threads; it computes on threads of its own. Equal images get equal codes on
/// one kind of CPU, whatever stands beside them and however many threads there are.
public final class HashModel: Sendable {
    /// What a model computes in.
    public enum Arithmetic: Hashable, Sendable {
        /// Single precision. Codes differ between kinds of CPU in a bit of a million or so.
        case single
        /// bfloat16 with sums in single precision where the CPU is faster at that, otherwise single precision: twice as
        /// quick. About a bit in a thousand differs from single precision's, which is nothing to a search but keeps equal
        /// images from having equal codes on different machines.
        case bfloat16
    }

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

    /// Label outputs beside the code, one for each class that the network learned; 0 where it has none.
    public let labelCount: Int

    /// What it computes in: bfloat16 only where that was asked for, the model is a network, and the CPU is faster at it.
    public let arithmetic: Arithmetic

    private let preprocessing: Preprocessing
    private let averagesMirror: Bool
    private let lanes: EncodingLanes

    /// Bytes of a code; where the bits do not fill the last byte its high bits are zero.
    public var codeBytes: Int { (bitCount + 7) / 8 }

    /// Each thread holds the values of a group of images, hence not as many as the largest machines have cores.
    private static let mostThreads = 8

    /// Reads a weight file strictly; throws `HashNetsError` naming what is wrong.
    ///
    /// Encoding uses at most `threads` threads, by default one for each core up to 8.
    public static func load(
        path: String, threads: Int? = nil, arithmetic: Arithmetic = .single
    ) throws -> HashModel {
        try HashModel(WeightFile(reading: path), threads: threads, arithmetic: arithmetic)
    }

    /// Makes the model that a file's content describes.
    package init(_ file: WeightFile, threads: Int? = nil, arithmetic: Arithmetic = .single) throws {
        let description = try ModelDescription(file)
        let limit = max(1, threads ?? min(Self.mostThreads, ProcessInfo.processInfo.activeProcessorCount))
        lanes = try EncodingLanes(limit: limit, encoderMaker(description, file, arithmetic))
        let shallow = ProjectionEncoder.architectures + [KernelEncoder.architecture]
        let isNetwork = !shallow.contains(description.architecture)
        self.arithmetic = isNetwork && OneDNNEngine.hasFastBfloat16 ? arithmetic : .single
        name = "\(description.architecture), \(description.bits) bits"
        fingerprint = HashNets.fingerprint(description, file.tensors)
        bitCount = description.bits
        input = description.input
        labelCount = description.classes
        metadata = file.metadata
        preprocessing = description.preprocessing
        averagesMirror = description.averagesMirror
    }

    /// Codes of `count` images, each height × width × channels bytes of sRGB, interleaved: `count` × `codeBytes`.
    ///
    /// Bit i of a code is bit i mod 8 of its byte i div 8. Throws `pixelCount` where the bytes are not as many.
    public func encode(pixels: UnsafeBufferPointer<UInt8>, count: Int) throws -> [UInt8] {
        try check(pixelCount: pixels.count, of: count)
        var codes = [UInt8](repeating: 0, count: count * codeBytes)
        try codes.withUnsafeMutableBufferPointer { codes in
            nonisolated(unsafe) let codes = codes  // every image has bytes of its own
            try forEachImage(pixels, count: count) { image, numbers in
                packSigns(numbers.prefix(bitCount), into: codes[image * codeBytes..<(image + 1) * codeBytes])
            }
        }
        return codes
    }

    /// Calls `body` with the number of each image and what the network says of it, bits first, on several threads.
    func forEachImage(
        _ pixels: UnsafeBufferPointer<UInt8>, count: Int, _ body: (Int, [Float]) -> Void
    ) throws {
        // An image with its mirror image counts twice.
        try lanes.forEachGroup(of: count, size: { averagesMirror ? max(1, $0.groupSize / 2) : $0.groupSize }) {
            encoder, images in
            let planes = images.map { image in
                let own = UnsafeBufferPointer(rebasing: pixels[image * input.count..<(image + 1) * input.count])
                return preprocessing.normalized(own, shape: input)
            }
            for (image, numbers) in zip(images, try numbers(of: planes, encoder)) { body(image, numbers) }
        }
    }

    /// Throws `pixelCount` unless the bytes are those of `count` images.
    func check(pixelCount found: Int, of count: Int) throws {
        let (expected, overflow) = count.multipliedReportingOverflow(by: input.count)
        guard count >= 0, !overflow, expected == found else {
            throw HashNetsError.pixelCount(expected: overflow ? .max : expected, found: found)
        }
    }

    /// The numbers whose signs are the images' codes.
    private func numbers(of images: [[Float]], _ encoder: any Encoder) throws -> [[Float]] {
        guard averagesMirror else { return try encoder.encode(images) }
        let numbers = try encoder.encode(images + images.map(mirrored))
        return zip(numbers.prefix(images.count), numbers.suffix(images.count)).map { zip($0, $1).map(+) }
    }

    /// Planes with each row reversed.
    private func mirrored(_ planes: [Float]) -> [Float] {
        var mirrored = planes
        for start in stride(from: 0, to: planes.count, by: input.width) {
            mirrored[start..<start + input.width].reverse()
        }
        return mirrored
    }

    /// Codes of `count` images; see `encode(pixels:count:)` with a buffer.
    public func encode(pixels: [UInt8], count: Int) throws -> [UInt8] {
        try pixels.withUnsafeBufferPointer { try encode(pixels: $0, count: count) }
    }
}

/// Sets one bit for each number, 1 where it is above 0; bit i is bit i mod 8 of byte i div 8. The bytes must be zero.
func packSigns(_ numbers: ArraySlice<Float>, into bytes: Slice<UnsafeMutableBufferPointer<UInt8>>) {
    let target = UnsafeMutableBufferPointer(rebasing: bytes)
    for (index, number) in numbers.enumerated() where number > 0 {
        target[index / 8] |= 1 << UInt8(index % 8)
    }
}
