import HashDB

/// A code that is computed from an image's brightness alone, so that copies of one picture (smaller, recompressed, slightly
/// retouched) have codes that differ in few bits, and different pictures codes that differ in many.
///
/// ```swift
/// let block = try LumaBlock(pixels, width: 640, height: 480, layout: .rgb)
/// let code = PerceptualHash.pdq.code(of: block)  // 256 bits; code.hex is what other PDQ tools print
/// let turned = PerceptualHash.pdq.variants(of: block)  // codes of the picture rotated and mirrored
/// ```
///
/// All three are computed from the same 64 × 64 samples in whole numbers alone, so that every machine and every build gets the
/// same bits; `id` names the computation, and `goldenVectors` are what it must give.
public enum PerceptualHash: String, CaseIterable, Hashable, Sendable {
    /// PDQ (Davis and Rosen, Facebook 2019): 16 × 16 frequencies against their median, 256 bits. Codes within 31 bits are
    /// taken to be of one picture where both have a quality of 50 at least.
    case pdq
    /// The hash by discrete cosine transform of pHash (Zauner 2010): the 8 × 8 lowest of the same frequencies against their
    /// median, 64 bits.
    case phash
    /// The difference hash (Krawetz 2013): whether each of 8 × 8 cells is darker than the next to the right, 64 bits.
    case dhash

    /// Names the computation: codes of equal ids are comparable, and equal pixels get equal codes. The number changes with
    /// any change of a bit.
    public var id: String { "\(rawValue)/1" }

    /// Bits of a code.
    public var bitWidth: Int { self == .pdq ? 256 : 64 }

    /// The hash of this id or this name: `pdq/1` or `pdq`; nil where there is none.
    public init?(id: String) {
        guard let hash = Self.allCases.first(where: { $0.id == id || $0.rawValue == id }) else { return nil }
        self = hash
    }

    /// The code of an image.
    public func code(of block: LumaBlock) -> BinaryCode {
        switch self {
        case .pdq, .phash: code(of: FrequencyBlock(block))
        case .dhash: packed(Brightening(block).bytes)
        }
    }

    /// The codes of an image turned and mirrored in all ways, the image itself first.
    ///
    /// Each is the code that the turned pixels would have, or near it, as the image's sides allow: see `ImageVariant`.
    public func variants(of block: LumaBlock) -> [(variant: ImageVariant, code: BinaryCode)] {
        switch self {
        case .pdq, .phash:
            let frequencies = FrequencyBlock(block)
            return ImageVariant.allCases.map { ($0, code(of: frequencies.turned($0))) }
        case .dhash:
            return ImageVariant.allCases.map { ($0, code(of: block.turned($0))) }
        }
    }

    private func code(of frequencies: FrequencyBlock) -> BinaryCode {
        packed(self == .pdq ? frequencies.pdqBytes : frequencies.phashBytes)
    }

    /// - Precondition: `bytes` are `bitWidth` / 8.
    private func packed(_ bytes: [UInt8]) -> BinaryCode {
        do {
            return try BinaryCode(bytes: bytes)
        } catch {
            preconditionFailure("a code has 8 or 32 bytes")
        }
    }
}
