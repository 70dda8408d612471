/// The size of an image as a network sees it: channels × height × width.
public struct ImageShape: Hashable, Sendable, CustomStringConvertible {
    /// Values per pixel: 1 for grey, 3 for red, green, blue.
    public let channels: Int
    /// Rows of pixels.
    public let height: Int
    /// Pixels per row.
    public let width: Int

    /// Makes a shape; it may describe features (1 × 1 images of many channels) as well as pixels.
    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Reads the form that weight files use, such as `3x32x32`; nil where the text is anything else.
    public init?(_ description: String) {
        let sides = description.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 3, let channels = sides[0], let height = sides[1], let width = sides[2],
            min(channels, height, width) >= 1, max(channels, height, width) <= 1 << 16
        else { return nil }
        self.init(channels: channels, height: height, width: width)
        guard description == self.description else { return nil }
    }

    /// Values in one image.
    public var count: Int { channels * height * width }

    /// Values in one plane of one channel.
    public var area: Int { height * width }

    /// The form `3x32x32` of weight files.
    public var description: String { "\(channels)x\(height)x\(width)" }
}
