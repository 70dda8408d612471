import CVips
import PerceptualHashes

/// Reads image files for perceptual hashes.
///
///     let image = try LumaReader().read(path: ImagePath("photos/beach.jpg"))
///     let code = PerceptualHash.pdq.code(of: image.block)
///
/// Codes are to be those that others compute of the same file. So images are decoded at full size (in strips), and the samples of RGB and grey
/// images are taken as they are, whatever colour profile belongs to them; a profile would change 2 to 12 bits of 256. Decoding JPEG files
/// at a half or a quarter of their size would take less time, but of photographs of 500 pixels 7 bits differ at half size, and 18
/// at a quarter. Images are turned as their EXIF says, and transparent parts are laid on white. Any number of threads may read at once.
public struct LumaReader: Sendable {
    /// What may be read and decoded.
    public var limits: ImageDecoder.Limits

    /// Makes a reader.
    public init(limits: ImageDecoder.Limits = .init()) {
        self.limits = limits
    }

    /// Reads a file.
    ///
    /// - Throws: `ImageDecodingError`, which names the file and the reason.
    public func read(path: ImagePath) throws(ImageDecodingError) -> (block: LumaBlock, header: ImageHeader) {
        let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
        return try read(contents.bytes, named: path)
    }

    /// Reads the bytes of an image file; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError`.
    public func read(
        _ bytes: [UInt8], named path: ImagePath
    ) throws(ImageDecodingError) -> (block: LumaBlock, header: ImageHeader) {
        let (blocks, header) = try read(bytes, named: path, turned: [.original])
        return (blocks[0], header)
    }

    /// Reads a file once, and gives the blocks of the image turned and mirrored in all ways, as it is first: to the bit those that files of the
    /// turned pixels would have.
    ///
    /// - Throws: `ImageDecodingError`.
    public func readVariants(path: ImagePath) throws(ImageDecodingError) -> [(variant: ImageVariant, block: LumaBlock)]
    {
        let contents = try FileContents.read(path, limit: limits.fileBytes, followLinks: true)
        return try readVariants(contents.bytes, named: path)
    }

    /// The same of the bytes of an image file; `path` is only for errors.
    ///
    /// - Throws: `ImageDecodingError`.
    public func readVariants(
        _ bytes: [UInt8], named path: ImagePath
    ) throws(ImageDecodingError) -> [(variant: ImageVariant, block: LumaBlock)] {
        // Reversed axes are sampled at other places; swapping them changes nothing but the arrangement.
        let reversals = ImageVariant.allCases.filter { !$0.swapsAxes }
        let (blocks, _) = try read(bytes, named: path, turned: reversals)
        let sampled = zip(reversals, blocks).flatMap { variant, block in
            [(variant, block), (variant.then(.transposed), block.turned(.transposed))]
        }
        let byVariant = Dictionary(uniqueKeysWithValues: sampled)
        return ImageVariant.allCases.compactMap { variant in byVariant[variant].map { (variant, $0) } }
    }

    private func read(
        _ bytes: [UInt8], named path: ImagePath, turned variants: [ImageVariant]
    ) throws(ImageDecodingError) -> (blocks: [LumaBlock], header: ImageHeader) {
        let taker = RowTaker(variants)
        let header = try VipsCall.run(bytes, named: path, limits: limits) { data, limit, info, error in
            let context = Unmanaged.passUnretained(taker).toOpaque()
            return cvips_rows(
                data.baseAddress, data.count, limit,
                { context, image, rows, top, count in
                    guard let context, let image, let rows else { return }
                    Unmanaged<RowTaker>.fromOpaque(context).takeUnretainedValue()
                        .take(rows, from: Int(top), count: Int(count), of: image.pointee)
                }, context, info, error)
        }
        do {
            return (try taker.blocks(), header)
        } catch {
            throw ImageDecodingError(path: path, reason: .damaged(format: header.format, "\(error)"))
        }
    }
}

/// Gives rows that come from C to samplers, one for each way in which the image is turned.
private final class RowTaker {
    private let variants: [ImageVariant]
    private var samplers: [LumaSampler] = []

    init(_ variants: [ImageVariant]) {
        self.variants = variants
    }

    func take(_ rows: UnsafePointer<UInt8>, from top: Int, count: Int, of image: cvips_stored) {
        if top == 0 {
            let shown = ImageVariant(exifOrientation: Int(image.orientation))
            samplers = variants.compactMap { variant in
                try? LumaSampler(
                    width: Int(image.width), height: Int(image.height), layout: image.channels == 1 ? .grey : .rgb,
                    orientation: shown.then(variant))
            }
        }
        let bytes = UnsafeBufferPointer(start: rows, count: count * Int(image.width) * Int(image.channels))
        for index in samplers.indices { samplers[index].append(wholeRows: bytes) }
    }

    func blocks() throws -> [LumaBlock] {
        guard samplers.count == variants.count else { throw PerceptualHashError.invalidSize(width: 0, height: 0) }
        return try samplers.map { try $0.finish() }
    }
}
