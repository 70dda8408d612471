import Foundation
import HashDB
import Testing

import ImageCodes

/// Images that must not be dropped though their codes are near that of another.
@Suite struct DuplicateSafetyTests {
    private let files: CodedFiles

    init() throws { files = try CodedFiles() }

    /// A picture of 4 × 4 pixels in a file that differs with the comment.
    private func ppm(_ comment: String, last: UInt8 = 9) -> [UInt8] {
        Array("P6\n#\(comment)\n4 4\n255\n".utf8) + (0..<47).map { UInt8($0 * 5) } + [last]
    }

    /// Pages or frames of 4 × 4 pixels, the first of which is always the same.
    private func pages(_ shades: [UInt8], as format: String) throws -> [UInt8] {
        let samples = ([10] + shades).flatMap { TestImages.plain([$0, $0, $0], width: 4, height: 4) }
        return try TestImages.encode(samples, width: 4, height: 4 + 4 * shades.count, bands: 3, as: format)
    }

    /// Name, mark and reason of each image, without the directory.
    private func lines(_ report: DuplicateReport) -> [[String]] {
        report.groups.map { group in
            group.images.map { image in
                let name = image.path.string.dropFirst(files.directory.path.string.count + 1)
                return "\(name) \(image.mark.rawValue) \(image.why)"
            }
        }
    }

    // MARK: Quality

    @Test func codesOfLowQualityJoinNothingButEqualImages() throws {
        try files.add("text 1", [1], code: [0, 0], quality: 49)
        try files.add("text 2", [2], code: [0, 0], quality: 0)
        try files.add("text 3", [3], code: [0, 1], quality: 49)
        try files.add("photo 1", [4], code: [0, 3], quality: 50)
        try files.add("photo 2", [5], code: [0, 3], quality: 100)
        try files.add("unknown", [6], code: [0, 7])
        try files.add("text 1 again", [1], code: [0, 0], quality: 49)
        try files.add("page 1.ppm", ppm("one"), code: [255, 0], quality: 10)
        try files.add("page 2.ppm", ppm("other"), code: [255, 0], quality: 10)
        try files.add("page 3.ppm", ppm("one", last: 99), code: [255, 0], quality: 10)
        for tier in [DuplicateTier.near, .alike] {
            let (report, summary) = try files.search(tier, radius: 3) { $0.keep = KeepRule(.firstPath) }
            #expect(
                lines(report) == [
                    ["photo 1 keep first-path", "photo 2 drop \(tier.rawValue)", "unknown drop \(tier.rawValue)"],
                    ["page 1.ppm keep first-path", "page 2.ppm drop same-pixels"],
                    ["text 1 keep first-path", "text 1 again drop same-bytes"],
                ])
            #expect(report.groups.map(\.tier) == [tier, .samePixels, .sameBytes] && summary.lowQuality == 6)
        }
        #expect(try files.search(.samePixels).summary.lowQuality == 0)
    }

    @Test func inboxAndArchiveAreComparedByPixelsWhereTheCodesSayLittle() throws {
        try files.add("archive/1.ppm", ppm("one"), code: [0, 0], quality: 10)
        try files.add("archive/2.ppm", ppm("one", last: 99), code: [0, 0], quality: 10)
        try files.add("inbox/1.ppm", ppm("other"), code: [0, 0], quality: 10)
        let two = try files.add("inbox/2.ppm", ppm("other", last: 99), code: [0, 0], quality: 10)
        try files.add("inbox/3.ppm", ppm("one", last: 77), code: [0, 0], quality: 10)
        try files.add("inbox/4.ppm", ppm("four"), code: [0, 1], quality: 10)
        try files.add("inbox/again.ppm", ppm("one"), code: [0, 0], quality: 10)
        let between = (inbox: files.directory["inbox"], archive: files.directory["archive"])
        for tier in [DuplicateTier.near, .samePixels] {
            let report = try files.search(tier, radius: 3) { $0.between = between }.report
            #expect(
                lines(report) == [
                    [
                        "archive/1.ppm keep archive", "inbox/1.ppm drop same-pixels", "inbox/again.ppm drop same-bytes",
                    ], ["archive/2.ppm keep archive", "inbox/2.ppm drop same-pixels"],
                ])
        }
        let content = try #require(
            try files.store.read { try $0.image(at: files.directory["archive/2.ppm"]) }?.record.content)
        try files.store.write { try $0.setAreDifferent(two, content, true) }
        let judged = try files.search(.near, radius: 3) { $0.between = between }.report
        #expect(judged.groups.map(\.images.count) == [3])
        let equal = try files.search(.sameBytes) { $0.between = between }.report
        #expect(lines(equal) == [["archive/1.ppm keep archive", "inbox/again.ppm drop same-bytes"]])
    }

    /// Two contents of one code, each in several files, are not the same bytes.
    @Test func sameBytesOfInboxAndArchiveAreTheSameBytes() throws {
        for (name, byte) in [("archive/1", 1), ("archive/2", 1), ("inbox/3", 2), ("inbox/4", 2)] as [(String, UInt8)] {
            try files.add(name, [byte], code: [0, 0])
        }
        let between = (inbox: files.directory["inbox"], archive: files.directory["archive"])
        #expect(try files.search(.sameBytes) { $0.between = between }.report.groups.isEmpty)
    }

    @Test(arguments: [DuplicateTier.near, .samePixels])
    func verdictsAreHeededAmongEqualPixelsAlone(tier: DuplicateTier) throws {
        let a = try files.add("a.ppm", ppm("a", last: 1), code: [0, 0], quality: 10)
        let b = try files.add("b.ppm", ppm("b"), code: [0, 0], quality: 10)
        let c = try files.add("c.ppm", ppm("c"), code: [0, 0], quality: 10)
        try files.store.write { try $0.setAreDifferent(a, b, true) }
        func found() throws -> [[String]] {
            let (report, summary) = try files.search(tier, radius: 3) { $0.keep = KeepRule(.firstPath) }
            return lines(report) + [["\(summary.splits)"]]
        }
        #expect(try found() == [["b.ppm keep first-path", "c.ppm drop same-pixels"], ["0"]])
        try files.store.write { try $0.setAreDifferent(b, c, true) }
        #expect(try found() == [["1"]])
    }

    @Test func manyImagesOfOneCodeAreOneGroupForEachPicture() throws {
        for number in 0..<200 { try files.add("\(number)", ppm("\(number)", last: UInt8(number % 2)), code: [0, 0]) }
        for number in 200..<400 { try files.add("\(number)", [1, UInt8(number - 200)], code: [0, 0]) }
        // Nothing can be decoded of these, and one of them is there twice.
        try files.add("again", [1, 7], code: [0, 0])
        try files.add("of other size", [2], code: [0, 0], width: 5)
        try files.add("of other size again", [2], code: [0, 0], width: 5)
        #expect(try files.search(.samePixels).report.groups.map(\.images.count) == [100, 100, 2, 2])
    }

    // MARK: Pages

    @Test(arguments: [".tif[page-height=4]", ".gif[page-height=4]", ".webp[page-height=4,lossless]"])
    func furtherPagesAreNotLost(format: String) throws {
        let two = try pages([60, 200], as: format)
        try files.add("1 two", two, code: [0, 0])
        try files.add("2 other two", try pages([90, 30], as: format), code: [0, 0])
        try files.add("3 first alone", try pages([], as: ".png"), code: [0, 0])
        #expect(try files.search(.samePixels).report.groups.isEmpty)
        #expect(try files.search(.near, radius: 2).report.groups.isEmpty)
        try files.add("4 two again", two, code: [0, 0])
        try files.add("5 near", [5], code: [0, 1])
        let report = try files.search(.near, radius: 2) { $0.keep = KeepRule(.firstPath) }.report
        #expect(
            lines(report) == [
                ["1 two keep first-path", "4 two again drop same-bytes"],
                ["3 first alone keep first-path", "5 near drop near"],
            ])
    }

    @Test func anAnimatedPNGHasSeveralFrames() throws {
        let still = try pages([], as: ".png")
        // The number of frames, behind the header.
        let control: [UInt8] = [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]
        let animated = Array(still[..<33]) + control + Array(still[33...])
        let headers = try [still, animated].map { try LumaReader().read($0, named: ImagePath("a.png")).header }
        #expect(headers.map(\.pages) == [1, 2])
    }

    // MARK: Raw files

    @Test func rawFilesStay() throws {
        let jpeg = try TestImages.encode(
            TestImages.quarters(width: 8, height: 8), width: 8, height: 8, bands: 3, as: ".jpg")
        func raw(_ shade: UInt16) -> [UInt8] {
            RawFile(preview: (jpeg, 8, 8), colour: [shade, 500, 500]).bytes
        }
        try files.add("DSC_1.dng", raw(1), code: [0, 0])
        try files.add("DSC_2.dng", raw(2), code: [0, 0])
        try files.add("copies/DSC_2.dng", raw(2), code: [0, 0])
        try files.add("large.jpg", jpeg, code: [0, 0], width: 9, height: 9)
        try files.add("small.jpg", [1], code: [0, 1])
        #expect(
            try lines(files.search(.near, radius: 1).report) == [
                [
                    "large.jpg keep most-pixels", "DSC_1.dng keep raw", "DSC_2.dng keep raw",
                    "copies/DSC_2.dng drop same-bytes", "small.jpg drop near",
                ]
            ])
        #expect(
            try lines(files.search(.near) { $0.keep = KeepRule(.firstPath) }.report) == [
                [
                    "DSC_1.dng keep raw", "DSC_2.dng keep raw", "copies/DSC_2.dng drop same-bytes",
                    "large.jpg drop near",
                ]
            ])
    }

    @Test func noOtherRuleDropsARawFileLater() throws {
        let jpeg = try TestImages.encode(
            TestImages.quarters(width: 8, height: 8), width: 8, height: 8, bands: 3, as: ".jpg")
        let raw = RawFile(preview: (jpeg, 8, 8), colour: [1, 500, 500]).bytes
        try files.add("DSC_1.dng", raw, code: [0, 0])
        try files.add("shown.jpg", jpeg, code: [0, 0])
        let times = [timespec(tv_sec: 2_000_000_000, tv_nsec: 0), timespec(tv_sec: 2_000_000_000, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, files.directory["shown.jpg"].string, times, 0) == 0)
        try files.put(files.directory["shown.jpg"], jpeg, code: [0, 0])
        let report = try files.search(.near) { $0.keep = KeepRule(.largest) }.report
        #expect(lines(report) == [["DSC_1.dng keep raw", "shown.jpg drop near"]])
        for rule in [KeepRule(.newest), KeepRule(.largest, under: files.directory["shown.jpg"])] {
            var application = ReportApplication(.trash)
            application.keep = rule
            var names: [ImagePath] = []
            try application.run(report, log: nil) {
                names.append($0.image.path)
                return true
            }
            #expect(names == [files.directory["shown.jpg"]])
        }
        // Two of the same raw file are no reason for that.
        try files.add("copy.dng", raw, code: [0, 0])
        try files.directory.remove("shown.jpg")
        let equal = try files.search(.near) { $0.keep = KeepRule(.firstPath) }.report
        #expect(lines(equal) == [["DSC_1.dng keep first-path", "copy.dng drop same-bytes"]])
    }

    // MARK: Names

    @Test func equalFilesOfAlmostOneNameAreFound() throws {
        for name in ["photo.jpg", "photo.jpeg", "a.jpg", "A.JPG"] {
            try files.add(name, Array(name.lowercased().utf8.prefix(1)), code: [0, 0])
        }
        let found = try lines(files.search(.sameBytes) { $0.keep = KeepRule(.firstPath) }.report)
        #expect(found.contains(["photo.jpeg keep first-path", "photo.jpg drop same-bytes"]))
        // Where capitals do not count, these two are one file.
        let names = try FileManager.default.contentsOfDirectory(atPath: files.directory.path.string)
        #expect(found.contains(["A.JPG keep first-path", "a.jpg drop same-bytes"]) == names.contains("A.JPG"))
    }

    @Test(arguments: [
        (Array("\u{e9}.jpg".utf8), Array("e\u{301}.jpg".utf8)), (Array("a".utf8) + [0xFF], Array("a".utf8) + [0xFE]),
    ])
    func namesOfOtherBytesAreOtherNames(first: [UInt8], second: [UInt8]) throws {
        guard try files.add(first, [1], code: [0, 0]) != nil, try files.add(second, [2], code: [0, 1]) != nil else {
            return
        }
        let report = try files.search(.near, radius: 1).report
        #expect(report.dropCount == 1)
    }

    // MARK: An inbox that has the better one

    @Test func whatIsLargerThanItsLikeInTheArchiveStays() throws {
        try files.add("archive/1", [1], code: [0, 0], width: 160, height: 100)
        try files.add("inbox/original", [2], code: [0, 1], width: 1600, height: 1004)
        let between = (inbox: files.directory["inbox"], archive: files.directory["archive"])
        func found() throws -> [[String]] { try lines(files.search(.near, radius: 1) { $0.between = between }.report) }
        #expect(try found().isEmpty)
        try files.add("inbox/small", [3], code: [0, 0], width: 160, height: 100)
        #expect(try found() == [["archive/1 keep archive", "inbox/original keep larger", "inbox/small drop near"]])
    }
}
