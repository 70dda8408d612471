import HashDB
import HashNets

/// What turns images into codes: a `HashModel`, or a stand-in of it in tests.
package protocol ImageEncoder: Sendable {
    var identity: ModelIdentity { get }
    var input: ImageShape { get }
    var codeBytes: Int { get }
    func encode(pixels: [UInt8], count: Int) throws -> [UInt8]
}

extension HashModel: ImageEncoder {
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
    /// Opens the store of a model's codes, or makes it where no file is.
    ///
    /// - Throws: `HashDBError.modelMismatch` if the store's codes are another model's, or nobody's; others as `Store.open` and `create`.
    public static func forImages(at path: String, model: HashModel, options: Options = Options()) throws -> Store {
        let store: Store
        do {
            store = try open(at: path, options: options)
        } catch HashDBError.storeNotFound {
            return try create(at: path, bitWidth: 8 * model.codeBytes, model: model.identity, options: options)
        }
        try store.check(model)
        return store
    }

    /// Whether codes of a model may be put into the store and looked for in it.
    ///
    /// - Throws: `HashDBError.modelMismatch` or `codeWidthMismatch` if not.
    public func check(_ model: HashModel) throws {
        try checkEncoder(model)
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
