import ImageCodes
import TestSupport
import Testing

@Suite struct ImageRecordTests {
    private let record = ImageRecord(
        content: ImageContent(
            hash: ContentHash(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF), size: 0x0102_0304_0506),
        width: 640, height: 0x7FFF_FFFF, quality: 93,
        places: [
            ImagePlace(root: 3, path: ImagePath("a/b"), modificationTime: -2, inode: 0x0A0B),
            ImagePlace(root: 1, path: ImagePath(bytes: [0xFF, 0x0A]), modificationTime: 7, inode: 0),
        ])

    @Test func theEncodingIsTheDocumentedOne() {
        let head: [UInt8] =
            [0x49, 2, 93, 0, 0x80, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 6, 5, 4, 3, 2, 1, 0, 0]
            + [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF]
            + [2, 0, 0, 0]
        let first: [UInt8] =
            [3, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0B, 0x0A, 0, 0, 0, 0, 0, 0, 3, 0]
            + Array("a/b".utf8)
        let second: [UInt8] =
            [1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xFF, 0x0A]
        #expect(record.encoded == head + first + second)
    }

    @Test func recordsOfVersion1AreRead() throws {
        let path = Array("/photos/".utf8) + [0xFF, 0x0A]
        let bytes: [UInt8] =
            [0x49, 1, 10, 0, 0x80, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 6, 5, 4, 3, 2, 1, 0, 0]
            + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF]
            + path
        var expected = record
        expected.quality = nil
        expected.places = [
            ImagePlace(root: 0, path: ImagePath(bytes: Array(path.dropFirst())), modificationTime: -2, inode: 0)
        ]
        #expect(try ImageRecord(decoding: bytes) == expected)
        for length in 0..<bytes.count {
            #expect(throws: ImageRecordError.self) { try ImageRecord(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: ImageRecordError.wrongLength(expected: 54, found: 55)) {
            try ImageRecord(decoding: bytes + [0])
        }
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        #expect(try ImageRecord(decoding: record.encoded) == record)
        var generator = SplitMix64(seed: 21)
        for _ in 0..<200 {
            let places = (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                let path = (0...Int.random(in: 0..<300, using: &generator)).map { index in
                    UInt8.random(in: (index == 0 ? 0x30 : 1)...255, using: &generator)
                }
                return ImagePlace(
                    root: UInt32.random(in: 0...UInt32.max, using: &generator), path: ImagePath(bytes: path),
                    modificationTime: Int64(bitPattern: generator.next()), inode: generator.next())
            }
            let random = ImageRecord(
                content: ImageContent(
                    hash: ContentHash(high: generator.next(), low: generator.next()), size: generator.next()),
                width: Int.random(in: 1...0x7FFF_FFFF, using: &generator),
                height: Int.random(in: 1...0x7FFF_FFFF, using: &generator),
                quality: Bool.random(using: &generator) ? nil : UInt8.random(in: 0...100, using: &generator),
                places: places)
            #expect(try ImageRecord(decoding: random.encoded) == random)
        }
    }

    @Test func everyOtherLengthIsRefused() {
        let bytes = record.encoded
        for length in 0..<bytes.count {
            #expect(throws: ImageRecordError.self) { try ImageRecord(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: ImageRecordError.wrongLength(expected: bytes.count, found: bytes.count + 1)) {
            try ImageRecord(decoding: bytes + [0])
        }
    }

    @Test func impossibleFieldsAreRefused() {
        func decoding(_ change: (inout [UInt8]) -> Void) -> ImageRecordError? {
            var bytes = record.encoded
            change(&bytes)
            do {
                _ = try ImageRecord(decoding: bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(decoding { $0[0] = 0 } == .notARecord)
        #expect(decoding { $0[1] = 3 } == .unknownVersion(3))
        #expect(decoding { $0[2] = 101 } == .invalidField("quality"))
        #expect(decoding { $0[3] = 1 } == .invalidField("fourth byte"))
        #expect(decoding { $0.replaceSubrange(4..<8, with: [0, 0, 0, 0]) } == .invalidField("number of pixels"))
        #expect(decoding { $0[11] = 0x80 } == .invalidField("number of pixels"))
        #expect(decoding { $0.replaceSubrange(36..<40, with: [0xFF, 0xFF, 0xFF, 0xFF]) } != nil)
        #expect(decoding { $0[62] = UInt8(ascii: "/") } == .invalidField("path"))
        #expect(decoding { $0[63] = 0 } == .invalidField("path"))
    }

    @Test func namesOfOneFileAreTogether() {
        func place(_ name: String, _ time: Int64, _ inode: UInt64) -> ImagePlace {
            ImagePlace(root: 1, path: ImagePath(name), modificationTime: time, inode: inode)
        }
        var record = record
        record.places = [
            place("a", 1, 5), place("b", 1, 6), place("c", 1, 5), place("d", 2, 5), place("e", 1, 0), place("f", 1, 0),
        ]
        let names = record.files.map { $0.map(\.path.string) }
        #expect(names == [["a", "c"], ["b"], ["d"], ["e"], ["f"]])
    }

    @Test func hashesAreThoseOfXXH3() {
        // Of the empty input, as the authors of xxHash publish it.
        #expect(ContentHash(of: []).description == "99aa06d3014798d86001c324468d497f")
    }

    @Test(arguments: [
        ("/a", "/a", true), ("/a/b", "/a", true), ("/ab", "/a", false), ("/a", "/a/b", false), ("/x", "/", true),
    ])
    func pathsLieWithinDirectories(path: String, directory: String, expected: Bool) {
        #expect(ImagePath(path).isWithin(ImagePath(directory)) == expected)
    }
}
