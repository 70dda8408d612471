/// Tells raw files of cameras from other images by their first bytes.
///
/// Most are TIFF files (TIFF 6.0, 1992) whose largest image is a mosaic of one colour a pixel, which TIFF/EP (ISO 12234-2) and DNG have a
/// number for; their first image is a small preview, which a reader of TIFF would take for all there is.
struct RawSignature {
    /// Whether these are the bytes of a raw file.
    static func matches(_ bytes: [UInt8]) -> Bool {
        if beginnings.contains(where: { bytes.dropFirst($0.offset).starts(with: $0.text.utf8) }) { return true }
        return RawSignature(bytes)?.isRaw ?? false
    }

    /// Canon's CR2 and CR3 and its older CIFF, Fujifilm, Olympus, Panasonic, Phase One, Minolta, Sigma.
    private static let beginnings: [(text: String, offset: Int)] = [
        ("CR\u{2}", 8), ("ftypcrx ", 4), ("HEAPCCDR", 6), ("FUJIFILMCCD-RAW", 0), ("IIRO", 0), ("IIRS", 0), ("MMOR", 0),
        ("IIU\0", 0), ("IIII", 0), ("MMMM", 0), ("\0MRM", 0), ("FOVb", 0),
    ]

    /// Tags: of what use the image is, further directories, DNG's version.
    private static let (photometric, subdirectories, dngVersion) = (262, 330, 50_706)
    /// Photometric interpretations: a mosaic, and all colours of each pixel as the sensor has them.
    private static let rawInterpretations: Set<Int> = [32_803, 34_892]
    /// More directories than these are not looked at.
    private static let mostDirectories = 16

    private let bytes: [UInt8]
    private let isBigEndian: Bool

    private init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: [0x49, 0x49, 42, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 42]) else { return nil }
        self.bytes = bytes
        isBigEndian = bytes[0] == 0x4D
    }

    private var isRaw: Bool {
        var offsets = [number(at: 4, size: 4) ?? 0]
        var looked = 0
        while looked < offsets.count {
            guard let directory = directory(at: offsets[looked]) else { return false }
            if directory.isRaw { return true }
            for other in directory.others
            where offsets.count < Self.mostDirectories && other > 0 && !offsets.contains(other) {
                offsets.append(other)
            }
            looked += 1
        }
        return false
    }

    /// Whether a directory is of a raw file, and where others lie; nil where it lies beyond the end.
    private func directory(at offset: Int) -> (isRaw: Bool, others: [Int])? {
        guard let count = number(at: offset, size: 2) else { return nil }
        var others: [Int] = []
        for entry in 0..<count {
            let place = offset + 2 + 12 * entry
            guard let tag = number(at: place, size: 2), let type = number(at: place + 2, size: 2),
                let values = number(at: place + 4, size: 4), let value = number(at: place + 8, size: type == 3 ? 2 : 4)
            else { return nil }
            switch tag {
            case Self.dngVersion: return (true, [])
            case Self.photometric where Self.rawInterpretations.contains(value): return (true, [])
            case Self.subdirectories where values == 1: others.append(value)
            case Self.subdirectories:
                others += (0..<min(values, Self.mostDirectories)).compactMap { number(at: value + 4 * $0, size: 4) }
            default: break
            }
        }
        return (false, others + [number(at: offset + 2 + 12 * count, size: 4) ?? 0])
    }

    private func number(at offset: Int, size: Int) -> Int? {
        guard offset >= 0, offset + size <= bytes.count else { return nil }
        let digits = bytes[offset..<offset + size]
        return isBigEndian ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
