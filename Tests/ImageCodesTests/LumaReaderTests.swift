import HashDB
import ImageCodes
import PerceptualHashes
import Testing

@Suite struct LumaReaderTests {
    /// A grey picture as a file of the simplest format.
    static func file(width: Int, height: Int) -> (bytes: [UInt8], pixels: [UInt8]) {
        let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 % width * 5 ^ $0 / width * 3) }
        return (Array("P5\n\(width) \(height)\n255\n".utf8) + pixels, pixels)
    }

    @Test(arguments: [(1, 1), (200, 37), (130, 257)])
    func blocksAreThoseOfThePixels(width: Int, height: Int) throws {
        let (bytes, pixels) = Self.file(width: width, height: height)
        let read = try LumaReader().read(bytes, named: ImagePath("grey.pgm"))
        #expect(read.block == (try LumaBlock(pixels, width: width, height: height, layout: .grey)))
        #expect(read.header.width == width && read.header.height == height)
    }

    @Test func variantsAreThoseOfTurnedFiles() throws {
        // Sides that are not symmetric.
        let (width, height) = (130, 256)
        let (bytes, pixels) = Self.file(width: width, height: height)
        let directory = try TemporaryDirectory()
        let variants = try LumaReader().readVariants(path: directory.write(bytes, to: "grey.pgm"))
        #expect(variants.map(\.variant) == ImageVariant.allCases)
        for (variant, block) in variants {
            let (w, h) = variant.swapsAxes ? (height, width) : (width, height)
            let turned = (0..<w * h).map { place in
                let source = variant.source(ofRow: place / w, column: place % w, rows: height, columns: width)
                return pixels[source.row * width + source.column]
            }
            #expect(block == (try LumaBlock(turned, width: w, height: h, layout: .grey)), "\(variant)")
        }
    }

    @Test func damagedFilesAreNamed() throws {
        let (bytes, _) = Self.file(width: 60, height: 60)
        #expect(throws: ImageDecodingError.self) {
            try LumaReader().read(Array(bytes.dropLast(500)), named: ImagePath("short.pgm"))
        }
        #expect(throws: ImageDecodingError(path: ImagePath("none"), reason: .empty)) {
            try LumaReader().read([], named: ImagePath("none"))
        }
        var limits = ImageDecoder.Limits()
        limits.pixels = 100
        #expect(throws: ImageDecodingError.self) {
            try LumaReader(limits: limits).read(bytes, named: ImagePath("large.pgm"))
        }
    }

    @Test func storesKeepTheVectorsOfTheirHash() throws {
        let directory = try TemporaryDirectory()
        let path = directory["s.hashdb"].string
        let store = try Store.forImages(at: path, model: .perceptual(.pdq))
        #expect(store.model?.name == "pdq/1" && store.bitWidth == 256)
        let text = try store.read { try $0.attribute("golden-vectors") }.map { String(decoding: $0, as: UTF8.self) }
        let lines = ["pdq/1"] + PerceptualHash.pdq.goldenVectors.map(\.description)
        #expect(text == lines.joined(separator: "\n") + "\n")
        #expect(throws: HashDBError.self) { try store.check(.perceptual(.phash)) }
        try store.check(.perceptual(.pdq))
    }
}
