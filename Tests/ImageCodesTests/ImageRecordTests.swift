import ImageCodes
import Testing

@Suite struct ImageRecordTests {
    private let record = ImageRecord(
        path: ImagePath(bytes: Array("/photos/".utf8) + [0xFF, 0x0A]),
        stamp: FileStamp(size: 0x0102_0304_0506, modificationTime: -2),
        contentHash: ContentHash(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF), width: 640,
        height: 0x7FFF_FFFF)

    @Test func theEncodingIsTheDocumentedOne() {
        let expected: [UInt8] =
            [0x49, 1, 10, 0, 0x80, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 6, 5, 4, 3, 2, 1, 0, 0]
            + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF]
            + Array("/photos/".utf8) + [0xFF, 0x0A]
        #expect(record.encoded == expected)
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        #expect(try ImageRecord(decoding: record.encoded) == record)
        var generator = SplitMix64(seed: 21)
        for _ in 0..<200 {
            let path = (0...Int.random(in: 0..<300, using: &generator)).map { _ in
                UInt8.random(in: 1...255, using: &generator)
            }
            let random = ImageRecord(
                path: ImagePath(bytes: path),
                stamp: FileStamp(size: generator.next(), modificationTime: Int64(bitPattern: generator.next())),
                contentHash: ContentHash(high: generator.next(), low: generator.next()),
                width: Int.random(in: 1...0x7FFF_FFFF, using: &generator),
                height: Int.random(in: 1...0x7FFF_FFFF, using: &generator))
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
        #expect(decoding { $0[1] = 2 } == .unknownVersion(2))
        #expect(decoding { $0[2] = 9 } == .wrongLength(expected: 53, found: 54))
        #expect(decoding { $0.replaceSubrange(4..<8, with: [0, 0, 0, 0]) } == .invalidField("number of pixels"))
        #expect(decoding { $0[11] = 0x80 } == .invalidField("number of pixels"))
        #expect(decoding { $0[50] = 0 } == .invalidField("path"))
        #expect(
            decoding {
                $0.removeLast(10); $0[2] = 0
            } != nil)
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
