import CVips
import HashNets
import ImageCodes
import PerceptualHashes
import TestSupport
import Testing

/// JPEG files are read by libjpeg, unusual ones by libvips: here each is made unusual by having its EXIF twice, and both are compared.
@Suite struct JPEGDecodingTests {
    private let name = ImagePath("picture.jpg")

    /// A photograph-like JPEG with an orientation.
    private func jpeg(width: Int, height: Int, bands: Int, orientation: Int, options: String = "Q=90") throws -> [UInt8]
    {
        let samples = (0..<height).flatMap { y in
            (0..<width).flatMap { x in
                (0..<bands).map { band in
                    UInt8(truncatingIfNeeded: (x * 7 >> 2) + (y * 5 >> 1) ^ (x * y >> 6) + 80 * band)
                }
            }
        }
        return try TestImages.encode(
            samples, width: width, height: height, bands: bands, orientation: orientation, as: ".jpg[\(options)]")
    }

    /// The same file with its EXIF segment twice, which is no plain file any more.
    private func withTwoNotes(_ file: [UInt8]) throws -> [UInt8] {
        var place = 2
        while file[place] == 0xFF, file[place + 1] != 0xE1 {
            place += 2 + Int(file[place + 2]) << 8 + Int(file[place + 3])
        }
        try #require(file[place] == 0xFF, "there is an EXIF segment")
        let end = place + 2 + Int(file[place + 2]) << 8 + Int(file[place + 3])
        return Array(file[..<end] + file[place..<end] + file[end...])
    }

    /// Whether libjpeg reads it, as `cvips_jpeg_is_plain` has it.
    private func isPlain(_ file: [UInt8]) -> Bool { cvips_jpeg_is_plain(file, file.count) }

    @Test(arguments: [(500, 375), (37, 301), (640, 8), (32, 32), (1, 1), (258, 1030)], 1...8)
    func thePixelsAreThoseOfLibvips(_ size: (Int, Int), orientation: Int) throws {
        for bands in [1, 3] {
            let plain = try jpeg(width: size.0, height: size.1, bands: bands, orientation: orientation)
            let unusual = try withTwoNotes(plain)
            // What has to grow is libvips' in any case.
            #expect(isPlain(plain) == (min(size.0, size.1) >= 32) && !isPlain(unusual))
            for shape in [
                ImageShape(channels: 3, height: 32, width: 32), ImageShape(channels: 1, height: 20, width: 48),
            ] {
                let decoder = ImageDecoder(shape: shape)
                let (one, other) = (
                    try decoder.decode(plain, named: name), try decoder.decode(unusual, named: name)
                )
                #expect(one.pixels == other.pixels, "\(bands) bands, to \(shape)")
                #expect(one.header == other.header)
                #expect(one.header.width == (orientation < 5 ? size.0 : size.1))
            }
            let (one, other) = (try LumaReader().read(plain, named: name), try LumaReader().read(unusual, named: name))
            #expect(one.block == other.block && one.header == other.header)
        }
    }

    @Test(arguments: ["Q=90,interlace", "Q=50,subsample-mode=on", "Q=90,profile=srgb", "Q=90,profile=p3"])
    func soAreThoseOfOtherKinds(options: String) throws {
        let plain = try jpeg(width: 403, height: 302, bands: 3, orientation: 1, options: options)
        let decoder = ImageDecoder(shape: ImageShape(channels: 3, height: 32, width: 32))
        let unusual = try withTwoNotes(plain)
        #expect(isPlain(plain) && !isPlain(unusual))
        #expect(try decoder.decode(plain, named: name).pixels == decoder.decode(unusual, named: name).pixels)
    }

    /// Of any sizes: equal, but where errors of rounding choose between two places of the filter.
    @Test func pixelsOfAnySizesAreThoseOfLibvips() throws {
        var generator = SplitMix64(seed: 5)
        var others = 0
        for _ in 0..<100 {
            let size = (
                width: Int.random(in: 1...500, using: &generator), height: Int.random(in: 1...500, using: &generator)
            )
            let plain = try jpeg(
                width: size.width, height: size.height, bands: Bool.random(using: &generator) ? 3 : 1,
                orientation: .random(in: 1...8, using: &generator))
            let unusual = try withTwoNotes(plain)
            #expect(isPlain(plain) == (min(size.width, size.height) >= 32) && !isPlain(unusual))
            let shape = ImageShape(
                channels: 3, height: .random(in: 1...64, using: &generator),
                width: .random(in: 1...64, using: &generator))
            let decoder = ImageDecoder(shape: shape)
            let one = try decoder.decode(plain, named: name).pixels
            let other = try decoder.decode(unusual, named: name).pixels
            guard one != other else { continue }
            others += 1
            #expect(zip(one, other).allSatisfy { abs(Int($0) - Int($1)) <= 2 }, "\(size) to \(shape)")
        }
        #expect(others <= 5)
    }

    @Test func cutOffFilesAreStillNamed() throws {
        let file = try jpeg(width: 403, height: 302, bands: 3, orientation: 1)
        let decoder = ImageDecoder(shape: ImageShape(channels: 3, height: 32, width: 32))
        for count in [4, 200, file.count / 2, file.count - 40] {
            #expect(throws: ImageDecodingError.self) { try decoder.decode(Array(file.prefix(count)), named: name) }
            #expect(throws: ImageDecodingError.self) { try LumaReader().read(Array(file.prefix(count)), named: name) }
        }
    }
}
