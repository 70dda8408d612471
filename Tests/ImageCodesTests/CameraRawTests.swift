import HashNets
import ImageCodes
import PerceptualHashes
import TestSupport
import Testing

private let isRead = ImageFormat.all.contains { $0.name == "raw" && $0.isRead }

/// Files are made by `RawFile`, as there are no cameras here; what real ones write is LibRaw's to know.
@Suite struct CameraRawTests {
    private let decoder = ImageDecoder(shape: ImageShape(channels: 3, height: 2, width: 2))
    private let path = ImagePath("photo.dng")

    /// The four quarters as a JPEG: red, green / blue, white.
    private func preview(width: Int = 640, height: Int = 480) throws -> (jpeg: [UInt8], width: Int, height: Int) {
        let jpeg = try TestImages.encode(
            TestImages.quarters(width: width, height: height), width: width, height: height, bands: 3,
            as: ".jpg[Q=95,strip]")
        return (jpeg, width, height)
    }

    private func isNear(_ pixels: [UInt8], _ expected: [UInt8]) -> Bool {
        zip(pixels, expected).allSatisfy { abs(Int($0) - Int($1)) < 40 }
    }

    @Test func formatsNameRawFilesAndWhatReadsThem() throws {
        let format = try #require(ImageFormat.all.first { $0.name == "raw" })
        #expect(format.suffixes.contains("nef") && format.suffixes.contains("dng"))
        #expect(format.isRead == (ImageFormat.rawLibraryVersion != nil))
        #expect(format.isRead || format.missing?.contains("LibRaw") == true)
    }

    @Test(.enabled(if: !isRead)) func withoutLibRawTheReasonNamesIt() {
        let expected = ImageDecodingError(
            path: path, reason: .libraryMissing(format: "camera RAW", library: "LibRaw"))
        #expect(throws: expected) { try decoder.decode(RawFile().bytes, named: path) }
        #expect(expected.description == "photo.dng: camera RAW is not read here: hashdb was built without LibRaw")
    }

    @Test(.enabled(if: isRead)) func thePreviewIsTheImage() throws {
        let file = RawFile(preview: try preview())
        let image = try decoder.decode(file.bytes, named: path)
        #expect(image.header == ImageHeader(width: 64, height: 48, format: "raw"))
        #expect(isNear(image.pixels, [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]))
    }

    @Test(.enabled(if: isRead)) func itIsTurnedAsTheCameraWasHeld() throws {
        // 6: the top of the photograph is at the right of the sensor.
        let image = try decoder.decode(RawFile(orientation: 6, preview: try preview()).bytes, named: path)
        #expect(image.header == ImageHeader(width: 48, height: 64, format: "raw"))
        #expect(isNear(image.pixels, [0, 0, 255, 255, 0, 0, 255, 255, 255, 0, 255, 0]))
    }

    @Test(.enabled(if: isRead)) func withoutAPreviewTheSensorsDataAreDeveloped() throws {
        for (colour, channel) in [([20_000, 1000, 1000], 0), ([1000, 20_000, 1000], 1), ([1000, 1000, 20_000], 2)] {
            let image = try decoder.decode(RawFile(colour: colour.map { UInt16($0) }).bytes, named: path)
            #expect(image.header.width == 64 && image.pixels[0..<3].max() == image.pixels[channel])
            #expect(image.pixels[channel] > 100)
        }
        // One that is much smaller than the photograph does not count.
        let large = RawFile(
            width: 640, height: 480, preview: try preview(width: 160, height: 120), colour: [9000, 500, 500])
        let image = try decoder.decode(large.bytes, named: path)
        #expect(image.pixels[0] > 100 && image.pixels[9] == image.pixels[0])
    }

    @Test(.enabled(if: isRead)) func rawFileAndJPEGHaveNearCodes() throws {
        var generator = SplitMix64(seed: 5)
        let tiles = (0..<48).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let samples = (0..<480).flatMap { y in
            (0..<640).flatMap { x in [UInt8](repeating: tiles[y / 80 * 8 + x / 80], count: 3) }
        }
        let jpeg = try TestImages.encode(samples, width: 640, height: 480, bands: 3, as: ".jpg[strip]")
        let codes = try [jpeg, RawFile(preview: (jpeg, 640, 480)).bytes].map { bytes in
            PerceptualHash.pdq.code(of: try LumaReader().read(bytes, named: path).block)
        }
        #expect(codes[0].hammingDistance(to: codes[1]) == 0)
        let thumbnail = try ImageThumbnail(
            of: RawFile(orientation: 8, preview: (jpeg, 640, 480)).bytes, named: path, side: 100)
        #expect(thumbnail.width == 75 && thumbnail.height == 100 && thumbnail.original.format == "raw")
    }

    @Test(.enabled(if: isRead)) func bombsAndDamageAreErrors() throws {
        let bomb = RawFile(promised: (60_000, 60_000)).bytes
        #expect(
            throws: ImageDecodingError(
                path: path, reason: .tooManyPixels(width: 60_000, height: 60_000, limit: 1 << 29))
        ) {
            try decoder.decode(bomb, named: path)
        }
        var strict = decoder
        strict.limits.pixels = 64 * 48
        let whole = RawFile(preview: try preview()).bytes
        #expect(throws: ImageDecodingError.self) { try strict.decode(whole, named: path) }
        for part in [9, whole.count / 3, whole.count - 30] {
            #expect(throws: ImageDecodingError.self) { try decoder.decode(Array(whole.prefix(part)), named: path) }
        }
        var generator = SplitMix64(seed: 12)
        let small = RawFile().bytes
        for _ in 0..<200 {
            var damaged = small
            for _ in 0..<3 {
                let place = Int.random(in: 0..<400, using: &generator)
                damaged[Bool.random(using: &generator) ? place % 16 : damaged.count - 1 - place] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? decoder.decode(damaged, named: path)
        }
    }

    /// What a file is taken for, whether it is read or not.
    private func format(of bytes: [UInt8]) -> String? {
        do {
            return try decoder.decode(bytes, named: path).header.format
        } catch {
            switch error.reason {
            case .damaged(let format, _): return format
            case .libraryMissing: return "raw"
            default: return nil
            }
        }
    }

    @Test func mosaicsAreRawAndOtherTIFFsAreNot() throws {
        // The mosaic in a further directory tells, also where nothing says DNG.
        #expect(format(of: RawFile(isDNG: false).bytes) == "raw" && format(of: RawFile().bytes) == "raw")
        let samples = TestImages.quarters(width: 64, height: 48)
        #expect(format(of: try TestImages.encode(samples, width: 64, height: 48, bands: 3, as: ".tif")) == "tiff")
        for beginning in ["FUJIFILMCCD-RAW 0201", "IIRS\u{8}\0", "IIU\0\u{18}\0"] {
            #expect(format(of: Array(beginning.utf8) + [UInt8](repeating: 0, count: 1000)) == "raw", "\(beginning)")
        }
    }

    /// Two directories that each name 65,536 further ones, all different.
    @Test func directoriesWithoutEndAreNotLookedAtOneByOne() {
        func little(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let count = 4_096
        let length = 2 + 12 * count + 4
        let table = 8 + 2 * length
        var directory = little(count, 2)
        for entry in 0..<count {
            directory += little(330, 2) + little(4, 2)
            directory += little(16, 4) + little(table + 64 * entry, 4)
        }
        directory += little(0, 4)
        var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
        bytes += directory
        bytes += directory
        // The second directory comes first, all others lie beyond the end.
        bytes += little(8 + length, 4)
        for other in 1..<16 * count { bytes += little(0x7000_0000 + other, 4) }
        let time = ContinuousClock().measure { #expect(format(of: bytes) != "raw") }
        #expect(time < .seconds(10))
    }
}
