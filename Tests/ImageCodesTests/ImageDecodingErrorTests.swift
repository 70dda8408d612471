import Foundation
import HashNets
import ImageCodes
import TestSupport
import Testing

@Suite struct ImageDecodingErrorTests {
    private let decoder = ImageDecoder(shape: ImageShape(channels: 3, height: 8, width: 8))
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func reason(_ bytes: [UInt8], named name: String = "picture.jpg") throws -> ImageDecodingError.Reason? {
        reason(of: try directory.write(bytes, to: name))
    }

    private func reason(of path: ImagePath) -> ImageDecodingError.Reason? {
        do {
            _ = try decoder.decode(path: path)
            return nil
        } catch {
            #expect(error.path == path)
            #expect(error.description.hasPrefix("\(path): ") && !error.description.contains("\n"))
            return error.reason
        }
    }

    private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    @Test func anEmptyFileIsCalledSo() throws {
        #expect(try reason([]) == .empty)
    }

    @Test func textNamedLikeAnImageIsNoImage() throws {
        #expect(try reason(Array("Dear Sir or Madam".utf8)) == .unknownFormat(recognised: nil))
        #expect(try reason(Array("1 2 3\n4 5 6\n".utf8)) == .unknownFormat(recognised: nil))
        #expect(try reason(Array("P4 is the name of a class".utf8)) == .unknownFormat(recognised: nil))
    }

    @Test func formatsThatAreNotReadAreNamed() throws {
        #expect(try reason(Array("BM".utf8) + noise(100, seed: 1)) == .unknownFormat(recognised: "BMP"))
        #expect(try reason(Array("%PDF-1.4".utf8)) == .unknownFormat(recognised: "PDF"))
        #expect(
            try reason(Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)) == .unknownFormat(recognised: "SVG"))
    }

    @Test func theContentCountsAndNotTheName() throws {
        #expect(try reason(TestImages.picture(seed: 3), named: "a.jpg") == nil)
        #expect(try reason(TestImages.picture(seed: 3), named: "a.txt") == nil)
    }

    @Test func missingFilesAndDirectoriesAreToldApart() throws {
        #expect(reason(of: directory["nothing"]) == .vanished)
        #expect(reason(of: directory.path) == .notAFile("a directory"))
        try check(mkfifo(directory["pipe"].string, 0o600), "mkfifo")
        #expect(reason(of: directory["pipe"]) == .notAFile("a pipe"))
    }

    @Test(.enabled(if: !isSuperuser)) func unreadableFilesGiveTheSystemsReason() throws {
        let path = try directory.write(TestImages.picture(seed: 3), to: "secret.png")
        directory.chmod(path, 0)
        #expect(reason(of: path) == .unreadable("Permission denied"))
    }

    @Test(arguments: [".png", ".jpg", ".gif", ".tif", ".webp", ".jpg[interlace]", ".png[interlace]", ".ppm"])
    func truncatedImagesAreNamedAndNeverHalfDecoded(suffix: String) throws {
        let samples = noise(60 * 50 * 3, seed: 9)
        let whole = try TestImages.encode(samples, width: 60, height: 50, bands: 3, as: suffix)
        for part in Set(0...11).union((1...40).map { whole.count * 9 / 10 * $0 / 40 }) {
            #expect(try reason(Array(whole.prefix(part))) != nil, "\(part) of \(whole.count) bytes of \(suffix)")
        }
    }

    @Test(arguments: [".png", ".jpg", ".gif", ".tif", ".webp", ".ppm"])
    func damagedImagesNeverCrash(suffix: String) throws {
        let samples = noise(40 * 30 * 3, seed: 11)
        let whole = try TestImages.encode(samples, width: 40, height: 30, bands: 3, as: suffix)
        var generator = SplitMix64(seed: 12)
        for _ in 0..<100 {
            var damaged = whole
            for _ in 0..<3 {
                damaged[Int.random(in: 0..<min(600, damaged.count), using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? decoder.decode(damaged, named: ImagePath("damaged"))
        }
    }

    @Test func aHeaderThatPromisesTooManyPixelsIsBelievedAndRefused() throws {
        let path = directory["bomb.png"]
        try directory.write(pngHeader(width: 60_000, height: 60_000), to: "bomb.png")
        #expect(reason(of: path) == .tooManyPixels(width: 60_000, height: 60_000, limit: 1 << 29))
        var strict = decoder
        strict.limits.pixels = 100
        #expect(throws: ImageDecodingError.self) { try strict.decode(TestImages.picture(seed: 1), named: path) }
        strict.limits.pixels = 24 * 18
        #expect(throws: Never.self) { try strict.decode(TestImages.picture(seed: 1), named: path) }
    }

    /// The beginning of a PNG file, and an end: the pixels are missing.
    private func pngHeader(width: UInt32, height: UInt32) -> [UInt8] {
        func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            let body = Array(name.utf8) + data
            return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]) + chunk("IDAT", [0x78, 0x9C])
            + chunk("IEND", [])
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }

    @Test func filesLargerThanTheLimitAreNotRead() throws {
        let path = try directory.write(TestImages.picture(seed: 3), to: "large.png")
        var strict = decoder
        strict.limits.fileBytes = 20
        #expect(throws: ImageDecodingError(path: path, reason: .tooManyBytes(limit: 20))) {
            try strict.decode(path: path)
        }
    }

    @Test func errorsOfManyThreadsAreNotMixedUp() async throws {
        let samples = noise(60 * 50 * 3, seed: 9)
        let files = try [".png", ".jpg"].map { suffix in
            Array(try TestImages.encode(samples, width: 60, height: 50, bands: 3, as: suffix).prefix(2_000))
        }
        let alone = files.map { file in message(file) }
        await withTaskGroup(of: (Int, String).self) { group in
            for index in 0..<200 { group.addTask { (index % 2, self.message(files[index % 2])) } }
            for await (which, text) in group { #expect(text == alone[which]) }
        }
    }

    private func message(_ file: [UInt8]) -> String {
        do {
            _ = try decoder.decode(file, named: ImagePath("file"))
            return "no error"
        } catch {
            return "\(error)"
        }
    }
}
