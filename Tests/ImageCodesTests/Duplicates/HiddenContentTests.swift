import Foundation
import Testing

import ImageCodes

/// Files that hold more than the picture that is compared, or of which nobody can tell: none is dropped for another.
@Suite struct HiddenContentTests {
    private let files: CodedFiles

    init() throws { files = try CodedFiles() }

    private static func number(_ value: Int, _ size: Int = 4) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func box(_ kind: String, _ body: [UInt8]) -> [UInt8] {
        number(body.count + 8) + Array(kind.utf8) + body
    }

    /// A HEIC file without any picture's bytes: its brands, and what it says to be in it.
    private static func heic(
        _ brands: [String] = ["heic", "mif1"], items: [(kind: String, isHidden: Bool)], thumbnails: [Int] = []
    ) -> [UInt8] {
        let list = items.enumerated().flatMap { index, item -> [UInt8] in
            let id = [2, 0, 0, item.isHidden ? 1 : 0] + number(index + 1, 2)
            return box("infe", id + [0, 0] + Array(item.kind.utf8) + [0])
        }
        let references: [UInt8] = thumbnails.flatMap { box("thmb", number($0, 2) + [0, 1, 0, 1]) }
        let none: [UInt8] = [0, 0, 0, 0]
        var meta = none + box("iinf", none + number(items.count, 2) + list)
        if !references.isEmpty { meta += box("iref", none + references) }
        let type: [UInt8] = Array(brands[0].utf8) + none + brands.flatMap { Array($0.utf8) }
        return box("ftyp", type) + box("free", [1, 2, 3]) + box("meta", meta) + box("mdat", [9])
    }

    private static func png(_ chunk: String) throws -> [UInt8] {
        let still = try TestImages.picture(seed: 1)
        // Behind the header; longer than what is read first.
        let profile = number(1 << 17) + Array("zzZz".utf8) + [UInt8](repeating: 0, count: (1 << 17) + 4)
        let asked = number(8) + Array(chunk.utf8) + [UInt8](repeating: 0, count: 12)
        return still[..<33] + profile + asked + still[33...]
    }

    private static func webP(_ kind: String, _ flags: UInt8) -> [UInt8] {
        Array("RIFF".utf8) + number(0) + Array(("WEBP" + kind).utf8) + number(10) + [flags, 0, 0, 0]
    }

    /// A TIFF file of one directory, and what it says that is behind it; an interpretation of 0 stands for that of a raw file.
    private static func tiff(interpretation: UInt8, next: UInt8 = 0, isBigEndian: Bool) -> [UInt8] {
        // More than is read at first lies before the directory.
        let pixels = [UInt8](repeating: 0, count: 1 << 17)
        let place = number(8 + pixels.count)
        // One entry, then the place of the next directory.
        let start: [UInt8]
        var directory: [UInt8]
        if isBigEndian {
            start = [0x4D, 0x4D, 0, 42] + place
            directory = [0, 1, 1, 6, 0, 3, 0, 0, 0, 1]
            directory += interpretation == 0 ? [0x80, 0x23] : [0, interpretation]
            directory += [0, 0, 0, 0, 0, next]
        } else {
            start = [0x49, 0x49, 42, 0] + Array(place.reversed())
            directory = [1, 0, 6, 1, 3, 0, 1, 0, 0, 0]
            directory += interpretation == 0 ? [0x23, 0x80] : [interpretation, 0]
            directory += [0, 0, next, 0, 0, 0]
        }
        return start + pixels + directory
    }

    /// Whether a file is in a group with another, to be dropped for it.
    private func isDropped(_ bytes: [UInt8]) throws -> Bool {
        try files.add("a", [1], code: [0, 0], width: 9, height: 9)
        try files.add("b", bytes, code: [0, 0])
        let report = try files.search(.near, radius: 1).report
        #expect(report.groups.isEmpty || files.names(report) == [["a*", "b"]])
        return !report.groups.isEmpty
    }

    @Test func stillPicturesAreToldByAFewBytes() throws {
        let still: [[UInt8]] = [
            try Self.png("teXt"), Self.webP("VP8 ", 0), Self.webP("VP8X", 0x10), Self.heic(items: [("hvc1", false)]),
            // Tiles are hidden, and a thumbnail is none of the pictures.
            Self.heic(items: [("hvc1", true), ("hvc1", true), ("grid", false), ("hvc1", false)], thumbnails: [4]),
            Self.heic(items: [("av01", false), ("Exif", false), ("mime", false)]),
            Self.tiff(interpretation: 2, isBigEndian: true), Self.tiff(interpretation: 2, isBigEndian: false),
        ]
        for (index, bytes) in still.enumerated() {
            let test = try HiddenContentTests()
            #expect(try test.isDropped(bytes), "\(index)")
        }
    }

    @Test func whatHoldsMoreOrCannotBeToldIsNotDropped() throws {
        let others: [[UInt8]] = [
            try Self.png("acTL"), Self.webP("VP8X", 0x12), Self.webP("ALPH", 0),
            Self.heic(items: [("hvc1", false), ("hvc1", false)]),
            Self.heic(["msf1", "heic"], items: [("hvc1", false)]),
            Self.heic(["heic", "hevc"], items: [("hvc1", false)]),
            Self.heic(["avif", "avis"], items: [("av01", false)]), Self.heic(items: [("mime", false)]),
            Self.tiff(interpretation: 0, isBigEndian: true), Self.tiff(interpretation: 0, isBigEndian: false),
            // Another directory that is not there.
            Self.tiff(interpretation: 2, next: 200, isBigEndian: true), Array("GIF89a and no more".utf8),
            Array("nothing known".utf8),
        ]
        for (index, bytes) in others.enumerated() {
            let test = try HiddenContentTests()
            #expect(try !test.isDropped(bytes), "\(index)")
        }
    }

    /// A larger one is not read, and whatever is in it stays.
    @Test func whatIsTooLargeToBeLookedAtIsNotDropped() throws {
        let path = try files.directory.write(Array("P5\n4 4\n255\n0123456789abcdef".utf8), to: "large.pgm")
        #expect(truncate(path.string, (1 << 30) + 1) == 0)
        try files.add("a", [1], code: [0, 0], width: 9, height: 9)
        let content = ImageContent(hash: ContentHash(of: [UInt8]()), size: (1 << 30) + 1)
        try files.put(path, content: content, code: [0, 0])
        #expect(try files.search(.near, radius: 1).report.groups.isEmpty)
    }
}
