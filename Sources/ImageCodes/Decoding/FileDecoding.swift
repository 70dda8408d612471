import HashNets
import PerceptualHashes

/// The bytes of an image file, and what was decoded of them so far: encoders that take the same share it.
package struct FileDecoding {
    private let bytes: [UInt8]
    private let path: ImagePath
    private let limits: ImageDecoder.Limits
    private var images: [ImageShape: Result<ImageDecoder.Image, ImageDecodingError>] = [:]
    private var lumas: Result<(block: LumaBlock, header: ImageHeader), ImageDecodingError>?

    /// Takes the bytes of a file; `path` is only for errors.
    init(_ bytes: [UInt8], named path: ImagePath, limits: ImageDecoder.Limits) {
        self.bytes = bytes
        self.path = path
        self.limits = limits
    }

    /// What `ImageDecoder` makes of them.
    package mutating func pixels(_ shape: ImageShape) throws(ImageDecodingError) -> ImageDecoder.Image {
        if let known = images[shape] { return try known.get() }
        let decoder = ImageDecoder(shape: shape, limits: limits)
        let image = Result { () throws(ImageDecodingError) in try decoder.decode(bytes, named: path) }
        images[shape] = image
        return try image.get()
    }

    /// What `LumaReader` makes of them.
    package mutating func luma() throws(ImageDecodingError) -> (block: LumaBlock, header: ImageHeader) {
        if let lumas { return try lumas.get() }
        let reader = LumaReader(limits: limits)
        let luma = Result { () throws(ImageDecodingError) in try reader.read(bytes, named: path) }
        lumas = luma
        return try luma.get()
    }
}
