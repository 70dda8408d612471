import HashDB
import HashNets
import PerceptualHashes

/// What a store's codes are made by: a network with its weights, or a perceptual hash.
public enum ImageModel: Sendable {
    /// Learned codes: what is shown.
    case network(HashModel)
    /// Codes of brightness: which picture it is.
    case perceptual(PerceptualHash)

    var encoder: any ImageEncoder {
        switch self {
        case .network(let model): model
        case .perceptual(let hash): hash
        }
    }

    /// Name and fingerprint, as a store keeps them.
    public var identity: ModelIdentity { encoder.identity }

    /// Bytes of a code.
    public var codeBytes: Int { encoder.codeBytes }

    /// The codes of image files.
    ///
    /// - Throws: `ImageDecodingError` if a file gives no pixels; `HashNetsError` if the model does not work.
    public func codes(of paths: [ImagePath], limits: ImageDecoder.Limits = .init()) throws -> [BinaryCode] {
        let encoder = encoder
        let pixels = try paths.flatMap { path in
            let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
            var file = FileDecoding(contents.bytes, named: path, limits: limits)
            return try encoder.prepare(&file).bytes
        }
        let codes = try encoder.encode(pixels: pixels, count: paths.count)
        return try paths.indices.map { index in
            try BinaryCode(bytes: codes[index * codeBytes..<(index + 1) * codeBytes])
        }
    }

    /// The code of the bytes of an image file, and how much it can be relied on (0 to 100), where the model tells that; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError` if the bytes give no pixels; `HashNetsError` if the model does not work.
    public func code(
        of bytes: [UInt8], named path: ImagePath, limits: ImageDecoder.Limits = .init()
    ) throws -> (code: BinaryCode, quality: UInt8?) {
        let encoder = encoder
        var file = FileDecoding(bytes, named: path, limits: limits)
        let image = try encoder.prepare(&file)
        return (try BinaryCode(bytes: encoder.encode(pixels: image.bytes, count: 1)), image.quality)
    }

    /// The codes of an image file turned and mirrored in all ways, as it is first.
    ///
    /// They are those that files of the turned pixels would have; the file is read once for a perceptual hash, and decoded for each by a network.
    /// - Throws: `ImageDecodingError` if the file gives no pixels; `HashNetsError` if the model does not work.
    public func variants(
        of path: ImagePath, limits: ImageDecoder.Limits = .init()
    ) throws -> [(variant: ImageVariant, code: BinaryCode)] {
        let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
        return try variants(of: contents.bytes, named: path, limits: limits)
    }

    /// The same of the bytes of an image file; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError` if the bytes give no pixels; `HashNetsError` if the model does not work.
    public func variants(
        of bytes: [UInt8], named path: ImagePath, limits: ImageDecoder.Limits = .init()
    ) throws -> [(variant: ImageVariant, code: BinaryCode)] {
        switch self {
        case .perceptual(let hash):
            return try LumaReader(limits: limits).readVariants(bytes, named: path)
                .map { ($0.variant, hash.code(of: $0.block)) }
        case .network(let model):
            return try ImageVariant.allCases.map { variant in
                let pixels = try model.pixels(of: bytes, named: path, turned: variant, limits: limits)
                return (variant, try BinaryCode(bytes: model.encode(pixels: pixels, count: 1)))
            }
        }
    }

    /// Writes into a new store what its codes must be like: under the attribute `golden-vectors`, a line for each generated image.
    func describe(in store: Store) throws {
        guard case .perceptual(let hash) = self else { return }
        try store.write { try $0.setAttribute(Array(hash.vectorText.utf8), forKey: "golden-vectors") }
    }
}

extension HashModel {
    /// What the model takes, of an image turned.
    fileprivate func pixels(
        of bytes: [UInt8], named path: ImagePath, turned variant: ImageVariant, limits: ImageDecoder.Limits
    ) throws -> [UInt8] {
        let stored =
            variant.swapsAxes ? ImageShape(channels: input.channels, height: input.width, width: input.height) : input
        let pixels = try ImageDecoder(shape: stored, limits: limits).decode(bytes, named: path).pixels
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for row in 0..<input.height {
            for column in 0..<input.width {
                let source = variant.source(ofRow: row, column: column, rows: stored.height, columns: stored.width)
                let start = (source.row * stored.width + source.column) * stored.channels
                turned += pixels[start..<start + stored.channels]
            }
        }
        return turned
    }
}

extension PerceptualHash: ImageEncoder {
    /// What this build gives for generated images: id, then a line for each.
    fileprivate var vectorText: String { Self.vectorTexts[self] ?? "" }

    private static let vectorTexts = Dictionary(
        uniqueKeysWithValues: allCases.map { hash in
            (hash, ([hash.id] + hash.computedVectors().map(\.description)).joined(separator: "\n") + "\n")
        })

    /// The id as the name, and as the fingerprint a hash of what the computation gives for generated images, here and now: a program
    /// that computed other codes would have another fingerprint, and be refused by the store.
    public var identity: ModelIdentity {
        ModelIdentity(name: id, fingerprint: ContentHash(of: Array(vectorText.utf8)).description)
    }

    package var codeBytes: Int { bitWidth / 8 }

    package func prepare(_ file: inout FileDecoding) throws(ImageDecodingError) -> PreparedImage {
        let image = try file.luma()
        return PreparedImage(
            bytes: code(of: image.block).bytes, header: image.header, quality: UInt8(image.block.quality))
    }

    /// The codes are there already.
    package func encode(pixels: [UInt8], count: Int) throws -> [UInt8] {
        pixels
    }
}
