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

extension LabelledImages {
    /// Images without classes, as recipes that learn without labels take them: all in one class without a name.
    public init(_ images: UnlabelledImages) {
        self.init(
            pixels: images.pixels, labels: [Int](repeating: 0, count: images.count), classNames: [""],
            shape: images.shape)
    }
}
