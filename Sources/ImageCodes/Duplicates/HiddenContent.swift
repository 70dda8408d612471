import CVips
import Foundation

/// What is in a file beside the picture that its code is of: another file with that picture cannot stand for it.
enum HiddenContent {
    /// What the sensor of a camera saw; the picture is a preview.
    case raw
    /// Further pages or frames, of which the picture is the first; or what cannot be read or understood, and may have some.
    case pages

    /// Looks into a file; `nil` where there is nothing more than the picture.
    ///
    /// Of a JPEG only the first bytes are looked at: it is taken for one picture, whatever follows that.
    init?(of path: ImagePath) {
        self = .pages
        guard let file = FileParts(path) else { return }
        let start = file.bytes(at: 0, count: 1 << 16)
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return nil }
        if RawSignature.matches(start) {
            self = .raw
            return
        }
        let format = HiddenContent.formats.first { start.dropFirst($0.offset).starts(with: $0.beginning) }
        switch format?.look(file) ?? .unknown {
        case .nothing: return nil
        case .hidden(let content): self = content
        case .unknown:
            guard let content = HiddenContent(readingAllOf: path) else { return nil }
            self = content
        }
    }

    /// Reads the whole file, and asks the libraries that decode it.
    private init?(readingAllOf path: ImagePath) {
        self = .pages
        var limits = ImageDecoder.Limits()
        limits.pixels = .max
        let contents = try? FileContents.read(path, limit: limits.fileBytes, followLinks: false)
        guard let bytes = contents?.bytes else { return }
        if RawSignature.matches(bytes) {
            self = .raw
            return
        }
        let header = try? VipsCall.run(bytes, named: path, limits: limits) { data, limit, info, error in
            cvips_header(data.baseAddress, data.count, limit, info, error)
        }
        if let header, header.pages <= 1 { return nil }
    }

    // MARK: Formats

    /// What a few bytes of a file say; `unknown` where it has to be read.
    private enum Answer {
        case nothing, unknown
        case hidden(HiddenContent)

        init(hasPages: Bool) { self = hasPages ? .hidden(.pages) : .nothing }
    }

    /// Formats of which a few bytes say it, and how their files begin. Of others, such as GIF, the frames have to be counted.
    private static let formats: [(beginning: [UInt8], offset: Int, look: @Sendable (FileParts) -> Answer)] = [
        ([0x89, 0x50, 0x4E, 0x47], 0, png), (Array("WEBP".utf8), 8, webP), (Array("ftyp".utf8), 4, heif),
        ([0x49, 0x49, 42, 0], 0, tiff), ([0x4D, 0x4D, 0, 42], 0, tiff),
    ]

    /// The frames of an animated PNG are announced before the image.
    @Sendable private static func png(_ file: FileParts) -> Answer {
        var place = 8
        for _ in 0..<1000 {
            guard let size = file.number(at: place, size: 4) else { return .unknown }
            switch file.text(at: place + 4) {
            case "acTL": return .hidden(.pages)
            case "IDAT": return .nothing
            default: place += size + 12
            }
        }
        return .unknown
    }

    @Sendable private static func webP(_ file: FileParts) -> Answer {
        switch file.text(at: 12) {
        case "VP8 ", "VP8L": .nothing
        case "VP8X": file.number(at: 20, size: 1).map { Answer(hasPages: $0 & 2 != 0) } ?? .unknown
        default: .unknown
        }
    }

    /// HEIC and AVIF: films by their brands, several pictures by the list of what is in the file.
    @Sendable private static func heif(_ file: FileParts) -> Answer {
        guard let size = file.number(at: 0, size: 4), (16...4096).contains(size) else { return .unknown }
        let films: Set = ["hevc", "hevx", "hevm", "hevs", "msf1", "avis"]
        if stride(from: 8, to: size, by: 4).contains(where: { films.contains(file.text(at: $0)) }) {
            return .hidden(.pages)
        }
        var place = size
        for _ in 0..<64 {
            guard let size = file.number(at: place, size: 4), size >= 8 else { return .unknown }
            if file.text(at: place + 4) == "meta" {
                let box = size <= 1 << 24 ? file.bytes(at: place, count: size) : []
                return HEIFPictures.count(inMeta: box.dropFirst(8)).map { Answer(hasPages: $0 > 1) } ?? .unknown
            }
            place += size
        }
        return .unknown
    }

    /// A directory without others, behind it or below it, is all of the file, and is looked at as if the file ended there.
    @Sendable private static func tiff(_ file: FileParts) -> Answer {
        let isBigEndian = file.number(at: 0, size: 1) == 0x4D
        func number(_ place: Int, _ size: Int) -> Int? { file.number(at: place, size: size, isBigEndian: isBigEndian) }
        guard let place = number(4, 4), let count = number(place, 2), number(place + 2 + 12 * count, 4) == 0,
            !(0..<count).contains(where: { number(place + 2 + 12 * $0, 2) == 330 })
        else { return .unknown }
        let start = file.bytes(at: 0, count: 4) + (isBigEndian ? [0, 0, 0, 8] : [8, 0, 0, 0])
        let isRaw = RawSignature.matches(start + file.bytes(at: place, count: 6 + 12 * count))
        return isRaw ? .hidden(.raw) : .nothing
    }
}
