import HashNets
import Foundation
import ImageCodes
import Testing

@Suite struct ImageDecoderTests {
    private let colour = ImageDecoder(shape: ImageShape(channels: 3, height: 8, width: 8))
    private let grey = ImageDecoder(shape: ImageShape(channels: 1, height: 8, width: 8))
    private let name = ImagePath("picture")

    /// The colours in the middles of the four quarters of an 8 × 8 image.
    private func middles(_ image: ImageDecoder.Image) -> [[Int]] {
        [(2, 2), (5, 2), (2, 5), (5, 5)].map { x, y in (0..<3).map { Int(image.pixels[(y * 8 + x) * 3 + $0]) } }
    }

    private func isNear(_ a: [[Int]], _ b: [[Int]], within tolerance: Int) -> Bool {
        zip(a.joined(), b.joined()).allSatisfy { abs($0 - $1) <= tolerance }
    }

    private let red = [255, 0, 0]
    private let green = [0, 255, 0]
    private let blue = [0, 0, 255]
    private let white = [255, 255, 255]

    @Test(arguments: [
        ".png", ".ppm", ".tif", ".webp[lossless]", ".gif", ".jpg[Q=95,subsample_mode=off]", ".png[interlace]",
    ])
    func everyFormatGivesThePixelsOfTheImage(suffix: String) throws {
        let file = try TestImages.encode(
            TestImages.quarters(width: 8, height: 8), width: 8, height: 8, bands: 3, as: suffix)
        let image = try colour.decode(file, named: name)
        #expect(isNear(middles(image), [red, green, blue, white], within: suffix.hasPrefix(".jpg") ? 40 : 1))
        #expect(image.header.width == 8 && image.header.height == 8)
        if suffix != ".gif" && !suffix.hasPrefix(".jpg") {
            #expect(image.pixels == TestImages.quarters(width: 8, height: 8))
        }
    }

    @Test(arguments: [".png", ".jpg[Q=95]", ".webp[lossless]", ".tif[compression=lzw]"])
    func largerImagesAreShrunkToTheShapeWhateverTheirOwn(suffix: String) throws {
        let samples = TestImages.quarters(width: 320, height: 160)
        let file = try TestImages.encode(samples, width: 320, height: 160, bands: 3, as: suffix)
        let image = try colour.decode(file, named: name)
        #expect(image.pixels.count == 8 * 8 * 3)
        #expect(isNear(middles(image), [red, green, blue, white], within: 25))
        #expect(image.header == ImageHeader(width: 320, height: 160, format: image.header.format))
    }

    @Test func onePixelFillsTheShape() throws {
        let file = try TestImages.encode([10, 200, 30], width: 1, height: 1, bands: 3, as: ".png")
        #expect(try colour.decode(file, named: name).pixels == TestImages.plain([10, 200, 30], width: 8, height: 8))
    }

    @Test func greyImagesGiveThreeEqualChannels() throws {
        let file = try TestImages.encode(
            TestImages.plain([77], width: 20, height: 20), width: 20, height: 20, bands: 1, as: ".png")
        #expect(try colour.decode(file, named: name).pixels == TestImages.plain([77, 77, 77], width: 8, height: 8))
        #expect(try grey.decode(file, named: name).pixels == TestImages.plain([77], width: 8, height: 8))
    }

    @Test func greyIsKeptAsItIsWhereTheNetworkTakesGrey() throws {
        let samples = (0..<64).map { UInt8($0 * 4) }
        let file = try TestImages.encode(samples, width: 8, height: 8, bands: 1, as: ".png")
        #expect(try grey.decode(file, named: name).pixels == samples)
    }

    @Test func coloursBecomeGreyByLuminance() throws {
        let file = try TestImages.encode(
            TestImages.quarters(width: 8, height: 8), width: 8, height: 8, bands: 3, as: ".png")
        let pixels = try grey.decode(file, named: name).pixels
        let (red, green, blue, white) = (pixels[18], pixels[21], pixels[42], pixels[45])
        #expect(white == 255 && green > red && red > blue && blue > 0)
    }

    @Test(arguments: [(0, 255), (51, 204), (255, 0)])
    func alphaIsLaidOnWhite(alpha: Int, expected: Int) throws {
        for side in [8, 40] {
            let samples = TestImages.plain([0, 0, 0, UInt8(alpha)], width: side, height: side)
            let file = try TestImages.encode(samples, width: side, height: side, bands: 4, as: ".png")
            let pixels = try colour.decode(file, named: name).pixels
            #expect(pixels.allSatisfy { abs(Int($0) - expected) <= 1 }, "side \(side)")
        }
    }

    @Test func wideSamplesAndTheirAlphaAreBroughtToEightBits() throws {
        for side in [8, 40] {
            let opaque = (0..<side * side).flatMap { _ in [0x8000, 0x4000, 0xFFFF] as [UInt16] }
            let file = try TestImages.encode(wide: opaque, width: side, height: side, bands: 3, as: ".png")
            let pixels = try colour.decode(file, named: name).pixels
            #expect(isNear([pixels.prefix(3).map { Int($0) }], [[0x80, 0x40, 0xFF]], within: 1), "side \(side)")

            let faint = (0..<side * side).flatMap { _ in [0, 0, 0, 0x3333] as [UInt16] }
            let transparent = try TestImages.encode(wide: faint, width: side, height: side, bands: 4, as: ".png")
            let onWhite = try colour.decode(transparent, named: name).pixels
            #expect(onWhite.allSatisfy { abs(Int($0) - 204) <= 1 }, "side \(side)")

            let wideGrey = [UInt16](repeating: 0x8000, count: side * side)
            let greyFile = try TestImages.encode(wide: wideGrey, width: side, height: side, bands: 1, as: ".png")
            let greyPixels = try colour.decode(greyFile, named: name).pixels
            #expect(greyPixels.allSatisfy { abs(Int($0) - 0x80) <= 1 }, "side \(side)")
        }
    }

    @Test func palettesAreLookedUp() throws {
        let samples = TestImages.quarters(width: 16, height: 16)
        let file = try TestImages.encode(samples, width: 16, height: 16, bands: 3, as: ".png[palette]")
        #expect(file[25] == 3, "colour type of the PNG")
        #expect(isNear(middles(try colour.decode(file, named: name)), [red, green, blue, white], within: 25))
    }

    @Test(arguments: [".jpg[Q=95]", ".tif"])
    func inksBecomeColours(suffix: String) throws {
        let magenta = TestImages.plain([0, 255, 0, 0], width: 16, height: 16)
        let file = try TestImages.encode(magenta, width: 16, height: 16, bands: 4, cmyk: true, as: suffix)
        let pixels = try colour.decode(file, named: name).pixels.prefix(3).map { Int($0) }
        #expect(pixels[0] > 180 && pixels[1] < 90 && pixels[2] > 70, "\(pixels)")
        let paper = TestImages.plain([0, 0, 0, 0], width: 16, height: 16)
        let white = try TestImages.encode(paper, width: 16, height: 16, bands: 4, cmyk: true, as: suffix)
        #expect(try colour.decode(white, named: name).pixels.allSatisfy { $0 > 245 })
    }

    /// Where the red, green, blue and white quarters of the stored image are shown, for each EXIF orientation.
    @Test(arguments: [
        (1, [0, 1, 2, 3]), (2, [1, 0, 3, 2]), (3, [3, 2, 1, 0]), (4, [2, 3, 0, 1]), (5, [0, 2, 1, 3]),
        (6, [2, 0, 3, 1]),
        (7, [3, 1, 2, 0]), (8, [1, 3, 0, 2]),
    ])
    func imagesAreTurnedAsExifSays(orientation: Int, shown: [Int]) throws {
        let stored = [red, green, blue, white]
        for (width, height) in [(8, 8), (48, 16)] {
            let samples = TestImages.quarters(width: width, height: height)
            for suffix in [".jpg[Q=95,subsample_mode=off]", ".tif"] {
                let file = try TestImages.encode(
                    samples, width: width, height: height, bands: 3, orientation: orientation, as: suffix)
                let image = try colour.decode(file, named: name)
                #expect(isNear(middles(image), shown.map { stored[$0] }, within: 45), "\(suffix) \(width) × \(height)")
                let swapped = orientation >= 5
                #expect(
                    image.header.width == (swapped ? height : width)
                        && image.header.height == (swapped ? width : height))
            }
        }
    }

    @Test func ofAnAnimationTheFirstFrameIsTaken() throws {
        // Two frames of one pixel each, of colours 0 (red) and 1 (green) of the palette.
        let frame: (UInt8) -> [UInt8] = { [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, $0, 1, 0] }
        let file =
            Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 255, 0] + frame(0x44) + frame(0x4C) + [0x3B]
        #expect(try colour.decode(file, named: name).pixels == TestImages.plain([255, 0, 0], width: 8, height: 8))
    }

    /// (200, 100, 100) of Display P3 is (214.9, 92.6, 96.6) of sRGB, by the matrices of both.
    @Test(arguments: [(".png[profile=p3]", [215, 93, 97]), (".png[profile=srgb]", [200, 100, 100])])
    func coloursComeThroughTheirProfiles(suffix: String, expected: [Int]) throws {
        for side in [8, 40] {
            let samples = TestImages.plain([200, 100, 100], width: side, height: side)
            let file = try TestImages.encode(samples, width: side, height: side, bands: 3, as: suffix)
            let pixels = try colour.decode(file, named: name).pixels.prefix(3).map { Int($0) }
            #expect(isNear([pixels], [expected], within: 1), "\(pixels) of side \(side)")
        }
    }

    @Test func aProfileThatDoesNotFitIsNoReasonToRefuse() throws {
        let samples = TestImages.plain([100], width: 16, height: 16)
        let file = try TestImages.encode(samples, width: 16, height: 16, bands: 1, as: ".tif[profile=p3]")
        #expect(try colour.decode(file, named: name).pixels.count == 8 * 8 * 3)
    }

    /// What libheif can write here; it can always read.
    private static let writtenHEIF = [".heic", ".avif"].filter {
        let samples = TestImages.quarters(width: 64, height: 64)
        return (try? TestImages.encode(samples, width: 64, height: 64, bands: 3, as: $0)) != nil
    }

    @Test(.enabled(if: !writtenHEIF.isEmpty, "needs a libheif that writes"), arguments: writtenHEIF, [0, 6])
    func heifIsTurnedOnceIfAtAll(suffix: String, orientation: Int) throws {
        let samples = TestImages.quarters(width: 64, height: 32)
        let file = try TestImages.encode(
            samples, width: 64, height: 32, bands: 3, orientation: orientation, as: suffix + "[Q=90]")
        let image = try colour.decode(file, named: name)
        let turned = image.header.width == 32
        #expect(isNear(middles(image), turned ? [blue, red, white, green] : [red, green, blue, white], within: 45))
        #expect(image.header == ImageHeader(width: turned ? 32 : 64, height: turned ? 64 : 32, format: "heif"))
    }

    private static let hasJPEGXL = ImageFormat.all.contains { $0.name == "jxl" && $0.isRead }

    /// libvips does not write it for us, so that the file of 64 x 32 pixels was made elsewhere.
    @Test(.enabled(if: hasJPEGXL, "needs a libvips with JPEG XL")) func jpegXLIsRead() throws {
        let text = """
            /wrHBwASiAIAjAZd5RIAABUqo4wbvJzr+fJDh8W0jesMbbVtYUmiyDg2SSdwmKSgQKZtRcUoN8bY6Bis5BJm/OclABYAC5okRTmt\
            iBnPkkmRXyL0P7pFm+CbyskxCXakhgMnaLqtF5p2vNUJBMpqf6r9QHkm1oTIagGAJWk3wdhHAyJnK7ueV2oPz+WkoiT7CFRiPlzW\
            BzJazqYUa0NhtocC4iA/Mv8mdG+X/sJCpASAcwEgR+fgPKsziAcP119cQgokVpVIHi8ec+4YM3PijPywLsDxvsRLMqg6j9IcKjUr\
            Uty2rreqxRpRMF9PZcQv1+K3c9ObPFR+BoCKZsDdxus4JMwH0zaDuJVbnUb3F5IbVPkBfg8QKEHkARoIfjJ+FLzpKDzytPMio7p4\
            dPnO2n5n/13VAUHFKhq5cv/UXDJzxgzZhPl+Z/sPhKpbE4dFL9XwRxD426l/8Q+hR/eSWcDYWcQU5pKgSTruvvjCWBcCj/j7IeF5\
            EdLYc0B9lHrV+7gJXFOhBXj3xWKjo5Z+on4h+DNB2AfxPwQh6B7KP5QhdJwBQ2rDVIwiLBZjBQ==
            """
        let file = [UInt8](try #require(Data(base64Encoded: text)))
        let image = try colour.decode(file, named: name)
        #expect(isNear(middles(image), [red, green, blue, white], within: 45))
        #expect(image.header == ImageHeader(width: 64, height: 32, format: "jxl"))
    }

    @Test func theSameFileGivesTheSamePixelsOnEveryThread() async throws {
        let file = try TestImages.picture(seed: 5, width: 301, height: 211)
        let expected = try colour.decode(file, named: name).pixels
        let all = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<32 { group.addTask { [colour, name] in try colour.decode(file, named: name).pixels } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(all.allSatisfy { $0 == expected })
    }

    @Test func thumbnailsKeepTheShapeAndAreNeverLarger() throws {
        let wide = try TestImages.picture(seed: 1, width: 400, height: 100)
        let thumbnail = try ImageThumbnail(of: wide, named: name, side: 200)
        #expect((thumbnail.width, thumbnail.height) == (200, 50))
        #expect(thumbnail.jpeg.starts(with: [0xFF, 0xD8, 0xFF]))
        #expect(thumbnail.original == ImageHeader(width: 400, height: 100, format: "png"))
        let small = try ImageThumbnail(of: TestImages.picture(seed: 1, width: 40, height: 10), named: name, side: 200)
        #expect((small.width, small.height) == (40, 10))
        let least = try ImageThumbnail(of: wide, named: name, side: -3)
        #expect((least.width, least.height) == (1, 1))
    }
}
