import CVips
import HashNets

/// Decodes image files to the pixels that a network takes.
///
///     let decoder = ImageDecoder(shape: model.input)
///     let image = try decoder.decode(path: "photos/beach.jpg")     // image.pixels: height × width × channels bytes
///
/// JPEG, PNG, GIF, WebP, TIFF, HEIF (HEIC, AVIF), JPEG XL, PPM and the raw files of cameras (of which it is the preview that they hold) are
/// read, known by their content and not by their name, as far as the libraries of this machine read them. An image is
/// turned as its EXIF says and resized to *fill* the shape, its own shape notwithstanding: networks of this kind are trained on
/// squares made in this way. Colours become 8-bit sRGB (through the ICC profile where there is one) or grey, transparent parts
/// are laid on white, and of several frames or pages the first is taken. The same file gives the same pixels, always.
///
/// Values of this type share nothing that changes: any number of threads may decode at once.
public struct ImageDecoder: Sendable {
    /// What `decode` returns.
    public struct Image: Sendable {
        /// `height × width × channels` bytes of the decoder's shape, channels interleaved.
        public var pixels: [UInt8]
        /// What the image was before.
        public var header: ImageHeader
    }

    /// What may be read and decoded. More gets a clear error, before memory is spent.
    public struct Limits: Hashable, Sendable {
        /// Width × height as the header has them.
        public var pixels = 1 << 29
        /// Bytes of the file.
        public var fileBytes = 1 << 30

        /// 512 Mi pixels, 1 GiB.
        public init() {}
    }

    /// The shape that images are decoded to; 1 channel (grey) or 3 (red, green, blue).
    public let shape: ImageShape
    /// What may be read and decoded.
    public var limits = Limits()

    /// Makes a decoder to a shape of 1 or 3 channels and sides of 1 to 65,536 pixels, which is what models have.
    public init(shape: ImageShape, limits: Limits = Limits()) {
        precondition(shape.channels == 1 || shape.channels == 3, "pixels have one channel or three")
        precondition((1...65_536).contains(shape.width) && (1...65_536).contains(shape.height), "no such pixel size")
        self.shape = shape
        self.limits = limits
    }

    /// Frees what libvips keeps for this thread; whoever starts a thread that decodes calls it there at the end.
    @Sendable package static func leaveThread() {
        cvips_thread_end()
    }

    /// Bytes of one decoded image.
    public var bytesPerImage: Int { shape.width * shape.height * shape.channels }

    /// Reads and decodes a file.
    ///
    /// - Throws: `ImageDecodingError`, which names the file and the reason.
    public func decode(path: ImagePath) throws(ImageDecodingError) -> Image {
        let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
        return try decode(contents.bytes, named: path)
    }

    /// Reads and decodes a file.
    ///
    /// - Throws: `ImageDecodingError`, which names the file and the reason.
    public func decode(path: String) throws(ImageDecodingError) -> Image {
        try decode(path: ImagePath(path))
    }

    /// Decodes the bytes of an image file; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError`.
    public func decode(_ bytes: [UInt8], named path: ImagePath) throws(ImageDecodingError) -> Image {
        var result: Result<ImageHeader, ImageDecodingError>?
        let pixels = [UInt8](unsafeUninitializedCapacity: bytesPerImage) { buffer, count in
            result = Result { () throws(ImageDecodingError) in try decode(bytes, named: path, into: buffer) }
            if case .success = result { count = bytesPerImage }
        }
        guard let result else { throw ImageDecodingError(path: path, reason: .empty) }
        return Image(pixels: pixels, header: try result.get())
    }

    /// Decodes into memory of the caller's, of `bytesPerImage` bytes.
    func decode(
        _ bytes: [UInt8], named path: ImagePath, into pixels: UnsafeMutableBufferPointer<UInt8>
    ) throws(ImageDecodingError) -> ImageHeader {
        precondition(pixels.count >= bytesPerImage, "room for one image")
        return try VipsCall.run(bytes, named: path, limits: limits) { data, limit, info, error in
            cvips_decode(
                data.baseAddress, data.count, Int32(shape.width), Int32(shape.height), Int32(shape.channels), limit,
                pixels.baseAddress, info, error)
        }
    }
}

/// What the header of an image file says.
public struct ImageHeader: Hashable, Sendable {
    /// Pixels from left to right as the image is shown, after its EXIF rotation.
    public var width: Int
    /// Pixels from top to bottom as the image is shown.
    public var height: Int
    /// The format: "jpeg", "png", "gif", "webp", "tiff", "heif", "jxl", "ppm", "raw".
    public var format: String
    /// Pages or frames, of which the first is taken; 2 where they are several that nobody has counted.
    package var pages = 1

    /// Makes a header from its parts.
    public init(width: Int, height: Int, format: String) {
        self.width = width
        self.height = height
        self.format = format
    }
}
