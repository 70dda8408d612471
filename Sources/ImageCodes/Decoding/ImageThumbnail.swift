import CVips

/// A small JPEG of an image, for people to look at.
public struct ImageThumbnail: Sendable {
    /// A JPEG file.
    public var jpeg: [UInt8]
    /// Pixels of the thumbnail from left to right.
    public var width: Int
    /// Pixels of the thumbnail from top to bottom.
    public var height: Int
    /// The image it was made of.
    public var original: ImageHeader

    /// Makes the thumbnail of a file.
    ///
    /// - Parameters:
    ///   - path: the file; symbolic links are followed.
    ///   - side: the most pixels in either direction, 1 to 16,384 (the nearest of those is taken); smaller images keep their size.
    ///   - limits: what is too large to be read.
    /// - Throws: `ImageDecodingError`.
    public init(of path: ImagePath, side: Int, limits: ImageDecoder.Limits = .init()) throws {
        let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
        try self.init(of: contents.bytes, named: path, side: side, limits: limits)
    }

    /// Makes the thumbnail of the bytes of an image file; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError`.
    public init(
        of bytes: [UInt8], named path: ImagePath, side: Int, limits: ImageDecoder.Limits = .init()
    ) throws(ImageDecodingError) {
        let side = min(max(side, 1), 16_384)
        var memory: UnsafeMutablePointer<UInt8>?
        var length = 0
        defer { cvips_free(memory) }
        original = try VipsCall.run(bytes, named: path, limits: limits) { data, limit, info, error in
            cvips_thumbnail(data.baseAddress, data.count, Int32(side), 80, limit, &memory, &length, info, error)
        }
        jpeg = Array(UnsafeBufferPointer(start: memory, count: length))
        let shown = try VipsCall.run(jpeg, named: path, limits: limits) { data, limit, info, error in
            cvips_header(data.baseAddress, data.count, limit, info, error)
        }
        width = shown.width
        height = shown.height
    }
}
