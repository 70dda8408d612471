import HashDB
import HashNets

/// What turns images into codes in two steps: a model, or a stand-in of it in tests.
package protocol ImageEncoder: Sendable {
    var identity: ModelIdentity { get }
    var codeBytes: Int { get }

    /// What is done with each file by itself, on any of several threads.
    func prepare(_ file: inout FileDecoding) throws(ImageDecodingError) -> PreparedImage

    /// What is done with many images together: the codes of what `prepare` has made of them, one after the other.
    func encode(pixels: [UInt8], count: Int) throws -> [UInt8]
}

/// An image on the way to its code.
package struct PreparedImage: Sendable {
    /// As many bytes for every image of an encoder: pixels, or the code itself.
    package var bytes: [UInt8]
    package var header: ImageHeader
    /// How much the code tells, 0 to 100; `nil` where the encoder does not say.
    package var quality: UInt8?
}

/// An encoder that takes pixels of one shape.
package protocol PixelEncoder: ImageEncoder {
    var input: ImageShape { get }
}

extension PixelEncoder {
    package func prepare(_ file: inout FileDecoding) throws(ImageDecodingError) -> PreparedImage {
        let image = try file.pixels(input)
        return PreparedImage(bytes: image.pixels, header: image.header)
    }
}

extension HashModel: PixelEncoder {
    /// Name and fingerprint, as a store keeps them.
    public var identity: ModelIdentity { ModelIdentity(name: name, fingerprint: fingerprint) }

    /// The code of an image file.
    ///
    /// - Throws: `ImageDecodingError` if the file gives no pixels.
    public func code(ofImageAt path: String) throws -> BinaryCode {
        let image = try ImageDecoder(shape: input).decode(path: path)
        return try BinaryCode(bytes: encode(pixels: image.pixels, count: 1))
    }
}

extension Store {
    /// Whether codes of a model may be put into the store and looked for in it.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if not.
    public func check(_ model: HashModel) throws {
        try checkEncoder(model)
    }

    /// Whether codes of a model may be put into the store and looked for in it.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if not.
    public func check(_ model: ImageModel) throws {
        try checkEncoder(model.encoder)
    }

    func checkEncoder(_ encoder: some ImageEncoder) throws {
        guard model?.fingerprint == encoder.identity.fingerprint else {
            throw HashDBError.modelMismatch(store: model, given: encoder.identity)
        }
        guard bitWidth == 8 * encoder.codeBytes else {
            throw HashDBError.codeWidthMismatch(expected: bitWidth, found: 8 * encoder.codeBytes)
        }
    }
}
