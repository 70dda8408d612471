import Foundation
import HashDB
import TestSupport
import Testing

import ImageCodes

@Suite struct DuplicateSearchTests {
    private let collection: CodedFiles

    init() throws { collection = try CodedFiles() }

    @Test func sameBytesAreFilesAndNotNamesOfOne() throws {
        try collection.add("a", [1, 2], code: [0, 0])
        try collection.add("sub/b", [1, 2], code: [0, 0])
        link(collection.directory["a"].string, collection.directory["linked"].string)
        try collection.put(collection.directory["linked"], [1, 2], code: [0, 0])
        try collection.add("other", [3], code: [0, 0])
        let (report, _) = try collection.search(.sameBytes)
        #expect(collection.names(report) == [["a*", "sub/b"]] || collection.names(report) == [["linked*", "sub/b"]])
        #expect(report.groups[0].tier == .sameBytes && report.groups[0].images[1].why == "same-bytes")
    }

    @Test func samePixelsInOtherFilesAreFound() throws {
        let pixels = (0..<48).map { UInt8($0 * 5) }
        func ppm(_ comment: String, _ last: UInt8) -> [UInt8] {
            Array("P6\n#\(comment)\n4 4\n255\n".utf8) + pixels.dropLast() + [last]
        }
        try collection.add("1.ppm", ppm("one", 9), code: [0, 0])
        try collection.add("2.ppm", ppm("another", 9), code: [0, 0])
        try collection.add("3.ppm", ppm("one", 200), code: [0, 0])
        try collection.add("4.ppm", ppm("odd", 9), code: [0, 1])
        #expect(try collection.names(collection.search(.samePixels).report) == [["2.ppm*", "1.ppm"]])
        let near = try collection.search(.near, radius: 1).report
        #expect(near.groups.count == 1 && near.groups[0].images.count == 4)
        #expect(near.groups[0].images.map(\.why) == ["largest", "same-pixels", "near", "near"])
    }

    @Test(arguments: 0..<12)
    func nearGroupsAreThoseOfBruteForce(seed: Int) throws {
        var numbers = SplitMix64(seed: UInt64(seed) + 77)
        let radius = Int.random(in: 0...4, using: &numbers)
        var codes: [String: [UInt8]] = [:]
        for number in 0..<40 {
            // Few different codes, so that some are equal and many are near.
            let code = [UInt8.random(in: 0..<8, using: &numbers), UInt8.random(in: 0..<4, using: &numbers) * 85]
            codes["f\(number)"] = code
            try collection.add("f\(number)", [UInt8(number)], code: code)
        }
        func distance(_ a: String, _ b: String) -> Int {
            zip(codes[a] ?? [], codes[b] ?? []).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        }
        let (report, summary) = try collection.search(.near, radius: radius)
        let groups = collection.names(report).map { $0.map { $0.filter { $0 != "*" } } }
        #expect(summary.images == 40 && summary.vanished == 0)
        for group in groups {
            for a in group { for b in group { #expect(distance(a, b) <= radius) } }
        }
        let members = groups.flatMap { $0 }
        #expect(Set(members).count == members.count)
        let parts = groups + codes.keys.filter { !members.contains($0) }.map { [$0] }
        for a in parts.indices {
            for b in a + 1..<parts.count {
                #expect(parts[a].contains { x in parts[b].contains { distance(x, $0) > radius } })
            }
        }
        for group in report.groups { #expect(group.images.count { $0.mark == .keep } == 1) }
        #expect(try collection.search(.near, radius: radius).report == report)
    }

    @Test func inboxIsComparedWithTheArchiveAlone() throws {
        try collection.add("archive/1", [1], code: [0, 0])
        try collection.add("archive/2", [2], code: [0, 1])
        try collection.add("inbox/3", [3], code: [0, 3])
        try collection.add("inbox/4", [4], code: [0, 0])
        try collection.add("inbox/5", [5], code: [255, 0])
        try collection.add("inbox/6", [6], code: [255, 0])
        try collection.add("inbox/copy", [1], code: [0, 0])
        try collection.add("elsewhere/7", [7], code: [0, 0])
        let (inbox, archive) = (collection.directory["inbox"], collection.directory["archive"])
        let (report, _) = try collection.search(.near, radius: 2) { $0.between = (inbox, archive) }
        #expect(
            collection.names(report) == [
                ["archive/1*", "inbox/4", "inbox/copy"], ["archive/2*", "inbox/3"],
            ])
        #expect(report.groups.allSatisfy { $0.images[0].why == "archive" })
    }

    @Test func onlyImagesOfTheDirectoriesCount() throws {
        try collection.add("a/1", [1], code: [0, 0])
        try collection.add("a/2", [2], code: [0, 0])
        try collection.add("b/3", [3], code: [0, 0])
        let a = collection.directory["a"]
        #expect(try collection.names(collection.search(.near) { $0.directories = [a] }.report) == [["a/1*", "a/2"]])
    }

    @Test func differentImagesAreNeverInOneGroupAgain() throws {
        let one = try collection.add("1", [1], code: [0, 0])
        let two = try collection.add("2", [2], code: [0, 0])
        try collection.add("3", [3], code: [0, 1])
        #expect(try collection.names(collection.search(.near, radius: 1).report) == [["1*", "2", "3"]])
        try collection.store.write { try $0.setAreDifferent(two, one, true) }
        let (report, summary) = try collection.search(.near, radius: 1)
        #expect(collection.names(report) == [["1*", "3"]] && summary.splits == 1)
        try collection.store.write { try $0.setAreDifferent(one, two, false) }
        #expect(try collection.search(.near, radius: 1).report.groups[0].images.count == 3)
        #expect(try collection.store.read { try $0.verdicts().isEmpty })
    }

    @Test func rawAndDevelopedImageAreOneThing() throws {
        try collection.add("IMG_1.JPG", [1], code: [0, 0])
        try collection.add("img_1.tif", [2], code: [0, 0])
        #expect(try collection.search(.near).report.groups.isEmpty)
        try collection.add("copy.jpg", [1, 1], code: [0, 0])
        let group = try #require(try collection.search(.near) { $0.keep = KeepRule(.firstPath) }.report.groups.first)
        #expect(group.images.map(\.mark) == [.keep, .keep, .drop] && group.images[1].why == "belongs")
    }

    @Test func vanishedAndChangedFilesAreCountedAndLeftOut() throws {
        try collection.add("1", [1], code: [0, 0])
        try collection.add("2", [2], code: [0, 0])
        try collection.add("3", [3], code: [0, 0])
        try collection.directory.remove("1")
        try collection.directory.write([9, 9], to: "3")
        let (report, summary) = try collection.search(.near)
        #expect(report.groups.isEmpty && summary.vanished == 2)
    }

    @Test func droppedImagesAreKnownWhenTheyComeBack() throws {
        try collection.add("kept", [1], code: [0, 0])
        let dropped = try collection.add("dropped", [2], code: [0, 1])
        try collection.store.noteDropped(dropped, at: collection.directory["dropped"])
        #expect(try collection.store.read { try $0.image(with: dropped) } == nil)
        try collection.directory.remove("dropped")
        #expect(try collection.search(.near, radius: 2).report.returned.isEmpty)
        try collection.add("again", [2], code: [0, 1])
        try collection.add("smaller", [3], code: [0, 3])
        let returned = try collection.search(.near, radius: 2).report.returned
        #expect(returned.map(\.path) == [collection.directory["again"], collection.directory["smaller"]])
        #expect(returned.allSatisfy { $0.formerPath == collection.directory["dropped"] })
        #expect(try collection.search(.sameBytes).report.returned.map(\.distance) == [0])
        try collection.store.noteRestored(dropped)
        #expect(try collection.search(.near, radius: 2).report.returned.isEmpty)
    }

    @Test func aFileThatIsBackIsNamedOnce() throws {
        try collection.add("kept", [1], code: [0, 0])
        let dropped: [(name: String, bytes: [UInt8], code: [UInt8])] = [
            ("far", [2], [0, 7]), ("near", [3], [0, 1]), ("same", [4], [0, 15]),
        ]
        for (name, bytes, code) in dropped {
            let content = try collection.add(name, bytes, code: code)
            try collection.store.noteDropped(content, at: collection.directory[name])
            try collection.directory.remove(name)
        }
        // What the third held, though under the code of the first; and one bit from the first.
        try collection.add("again", [4], code: [0, 7])
        try collection.add("smaller", [5], code: [0, 0x17])
        let returned = try collection.search(.near, radius: 4).report.returned
        #expect(returned.map(\.path) == ["again", "smaller"].map { collection.directory[$0] })
        #expect(returned.map(\.formerPath) == ["same", "far"].map { collection.directory[$0] })
        #expect(returned.map(\.distance) == [1, 1])
    }

    @Test func aCopyThatIsDroppedLeavesTheOthers() throws {
        let content = try collection.add("1", [1], code: [0, 0])
        try collection.add("2", [1], code: [0, 0])
        try collection.store.noteDropped(content, at: collection.directory["2"])
        let paths = try collection.store.read { snapshot in
            try snapshot.image(with: content).map { try snapshot.imagePaths(of: $0.id) }
        }
        #expect(paths == [collection.directory["1"]])
        #expect(try collection.search(.sameBytes).report.returned.isEmpty)
    }
}
