/// What a weight file's metadata says of its model.
package struct ModelDescription: Hashable, Sendable {
    /// `dnnh-nin32`, `cnnh+32`, `lsh` and so on.
    package var architecture: String
    /// Bits of a code.
    package var bits: Int
    /// Label outputs beside the code; 0 where there are none.
    package var classes: Int
    /// Shape of the images.
    package var input: ImageShape
    /// Filter counts of an architecture that comes in several widths; otherwise empty.
    package var widths: [Int] = []
    /// How pixels become numbers.
    package var preprocessing: Preprocessing
    /// Whether the numbers of an image and of its mirror image are added before their signs are taken.
    package var averagesMirror = false

    /// Joins what a file needs to be a model.
    package init(
        architecture: String, bits: Int, classes: Int, input: ImageShape, widths: [Int] = [],
        preprocessing: Preprocessing
    ) {
        self.architecture = architecture
        self.bits = bits
        self.classes = classes
        self.input = input
        self.widths = widths
        self.preprocessing = preprocessing
    }

    /// Describes a network.
    package init(_ architecture: Architecture, preprocessing: Preprocessing, averagesMirror: Bool = false) {
        self.init(
            architecture: architecture.name, bits: architecture.bits, classes: architecture.classes,
            input: architecture.input, widths: architecture.widths, preprocessing: preprocessing)
        self.averagesMirror = averagesMirror
    }

    /// The lengths of codes that stores take.
    static let bitCounts = 1...1024

    /// Most pixels of an image that a network takes.
    static let largestArea = 1 << 22

    /// Reads a file's metadata; throws `metadataInvalid`.
    package init(_ file: WeightFile) throws {
        func text(_ key: String) throws -> String {
            guard let value = file.metadata[key] else {
                throw HashNetsError.metadataInvalid(path: file.path, key: key, reason: "is missing")
            }
            return value
        }
        func parsed<Value>(_ key: String, _ parse: (String) -> Value?) throws -> Value {
            let value = try text(key)
            guard let parsed = parse(value) else {
                throw HashNetsError.metadataInvalid(path: file.path, key: key, reason: "cannot be \"\(value)\"")
            }
            return parsed
        }
        architecture = try text("arch")
        bits = try parsed("bits") { Int($0).flatMap { Self.bitCounts.contains($0) ? $0 : nil } }
        classes = try parsed("classes") { Int($0).flatMap { (0...1_000_000).contains($0) ? $0 : nil } }
        let input = try parsed("input") {
            ImageShape($0).flatMap { ($0.channels == 1 || $0.channels == 3) && $0.area <= Self.largestArea ? $0 : nil }
        }
        self.input = input
        widths = file.metadata["widths"] == nil ? [] : try parsed("widths", Self.parseWidths)
        _ = try parsed("color") { $0 == (input.channels == 3 ? "RGB" : "gray") ? $0 : nil }
        _ = try parsed("threshold") { $0 == "0" ? $0 : nil }
        if file.metadata["mirror"] != nil {
            averagesMirror = try parsed("mirror") { $0 == "averaged" ? true : nil }
        }
        preprocessing = Preprocessing(
            scale: try parsed("scale", Preprocessing.parseScale),
            mean: try parsed("mean") { Preprocessing.parseChannels($0, count: input.channels) },
            deviation: try parsed("std") { Preprocessing.parseChannels($0, count: input.channels, positive: true) })
    }

    /// Throws `LearningError.settingInvalid` for a length that codes cannot have.
    static func check(bits: Int) throws {
        let (least, most) = (bitCounts.lowerBound, bitCounts.upperBound)
        try LearningError.require(bitCounts.contains(bits), "bits", "is \(bits), must be from \(least) to \(most)")
    }

    /// The metadata that the initialiser reads back.
    package var metadata: [String: String] {
        var metadata = [
            "format": "pt", "arch": architecture, "bits": "\(bits)", "classes": "\(classes)",
            "input": input.description, "color": input.channels == 3 ? "RGB" : "gray", "threshold": "0",
            "scale": preprocessing.scale == 1 / 255 ? "1/255" : "\(preprocessing.scale)",
            "mean": preprocessing.mean.map { "\($0)" }.joined(separator: ","),
            "std": preprocessing.deviation.map { "\($0)" }.joined(separator: ","),
        ]
        if !widths.isEmpty { metadata["widths"] = widths.map(String.init).joined(separator: ",") }
        // Absent from files without it, whose fingerprints stay what they were.
        if averagesMirror { metadata["mirror"] = "averaged" }
        return metadata
    }

    /// Comma-separated filter counts.
    private static func parseWidths(_ text: String) -> [Int]? {
        let widths = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        return widths.allSatisfy((1...4096).contains) ? widths : nil
    }
}

/// How 8-bit pixels become a network's numbers: (pixel · scale − mean) / deviation, by channel.
package struct Preprocessing: Hashable, Sendable {
    /// Factor on 0...255.
    package var scale: Float
    /// Mean of each channel after scaling.
    package var mean: [Float]
    /// Standard deviation of each channel after scaling.
    package var deviation: [Float]

    /// One mean and deviation for each channel.
    package init(scale: Float = 1 / 255, mean: [Float], deviation: [Float]) {
        precondition(mean.count == deviation.count)
        self.scale = scale
        self.mean = mean
        self.deviation = deviation
    }

    /// Turns `count` interleaved images (row, column, channel) into planes (channel, row, column) of numbers.
    package func normalize(_ pixels: UnsafeBufferPointer<UInt8>, shape: ImageShape, into planes: inout [Float]) {
        let images = pixels.count / shape.count
        precondition(mean.count == shape.channels && planes.count >= images * shape.count)
        planes.withUnsafeMutableBufferPointer { planes in
            for channel in 0..<shape.channels {
                let factor = scale / deviation[channel]
                let offset = -mean[channel] / deviation[channel]
                for image in 0..<images {
                    let source = image * shape.count + channel
                    let target = image * shape.count + channel * shape.area
                    for pixel in 0..<shape.area {
                        planes[target &+ pixel] = Float(pixels[source &+ pixel &* shape.channels]) * factor + offset
                    }
                }
            }
        }
    }

    /// One interleaved image as planes of numbers.
    func normalized(_ pixels: UnsafeBufferPointer<UInt8>, shape: ImageShape) -> [Float] {
        var planes = [Float](repeating: 0, count: shape.count)
        normalize(pixels, shape: shape, into: &planes)
        return planes
    }

    /// `1/255` or a positive number.
    static func parseScale(_ text: String) -> Float? {
        if text == "1/255" { return 1 / 255 }
        return Float(text).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    /// Comma-separated numbers, one for each channel.
    static func parseChannels(_ text: String, count: Int, positive: Bool = false) -> [Float]? {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) ?? .nan }
        guard numbers.count == count, numbers.allSatisfy({ $0.isFinite && (!positive || $0 > 0) }) else { return nil }
        return numbers
    }
}
