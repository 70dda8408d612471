/// Images of one size without labels.
public struct UnlabelledImages: Sendable {
    /// Images × rows × columns × channels, 8-bit sRGB or grey.
    public var pixels: [UInt8]
    /// The size of every image.
    public var shape: ImageShape

    /// Joins pixels and their shape.
    public init(pixels: [UInt8], shape: ImageShape) {
        self.pixels = pixels
        self.shape = shape
    }

    /// Images in all.
    public var count: Int { pixels.count / max(shape.count, 1) }
}

/// Images from several arrays of pixels under one range of numbers, without copying them.
struct ImagePool: Sendable {
    private var parts: [(pixels: [UInt8], indices: [Int])] = []
    let shape: ImageShape
    private(set) var count = 0

    init(shape: ImageShape) {
        self.shape = shape
    }

    /// Adds the images of these indices.
    mutating func append(_ pixels: [UInt8], indices: [Int]) {
        guard !indices.isEmpty else { return }
        parts.append((pixels, indices))
        count += indices.count
    }

    /// Calls the closure with the pixels of image `number`.
    func withImage<R>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        var number = number
        for part in parts {
            if number < part.indices.count {
                let start = part.indices[number] * shape.count
                return part.pixels.withUnsafeBufferPointer {
                    body(UnsafeBufferPointer(rebasing: $0[start..<start + shape.count]))
                }
            }
            number -= part.indices.count
        }
        preconditionFailure("image \(number) past the end of the pool")
    }
}

extension LabelledImages {
    /// Images without classes, as recipes that learn without labels take them: all in one class without a name.
    public init(_ images: UnlabelledImages) {
        self.init(
            pixels: images.pixels, labels: [Int](repeating: 0, count: images.count), classNames: [""],
            shape: images.shape)
    }
}
