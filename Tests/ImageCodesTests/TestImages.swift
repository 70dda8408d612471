import CVips
import ImageCodes
import TestSupport

/// Images made on the spot.
enum TestImages {
    struct EncodingFailed: Error {
        var message: String
    }

    /// An image file of a format and options as libvips spells them, such as `.png[palette]`.
    static func encode(
        _ samples: [UInt8], width: Int, height: Int, bands: Int, cmyk: Bool = false, orientation: Int = 0,
        as suffix: String
    ) throws -> [UInt8] {
        try encode(bytes: samples, width, height, bands, 1, cmyk, orientation, suffix)
    }

    /// The same from samples of 16 bits.
    static func encode(wide samples: [UInt16], width: Int, height: Int, bands: Int, as suffix: String) throws -> [UInt8]
    {
        let bytes = samples.withUnsafeBytes { Array($0) }
        return try encode(bytes: bytes, width, height, bands, 2, false, 0, suffix)
    }

    private static func encode(
        bytes: [UInt8], _ width: Int, _ height: Int, _ bands: Int, _ sampleBytes: Int, _ cmyk: Bool, _ orientation: Int,
        _ suffix: String
    ) throws -> [UInt8] {
        var out: UnsafeMutablePointer<UInt8>?
        var length = 0
        var message = [CChar](repeating: 0, count: Int(CVIPS_ERROR_SIZE))
        let status = cvips_encode(
            bytes, Int32(width), Int32(height), Int32(bands), Int32(sampleBytes), cmyk ? 1 : 0, Int32(orientation),
            suffix, &out,
            &length, &message)
        defer { cvips_free(out) }
        guard status == CVIPS_OK else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw EncodingFailed(message: String(decoding: text, as: UTF8.self))
        }
        return Array(UnsafeBufferPointer(start: out, count: length))
    }

    /// Every pixel of one colour.
    static func plain(_ colour: [UInt8], width: Int, height: Int) -> [UInt8] {
        (0..<width * height).flatMap { _ in colour }
    }

    /// Four quarters: red, green / blue, white.
    static func quarters(width: Int, height: Int) -> [UInt8] {
        (0..<height).flatMap { y in
            (0..<width).flatMap { x in quarter(right: x >= width / 2, bottom: y >= height / 2) }
        }
    }

    private static func quarter(right: Bool, bottom: Bool) -> [UInt8] {
        switch (right, bottom) {
        case (false, false): [255, 0, 0]
        case (true, false): [0, 255, 0]
        case (false, true): [0, 0, 255]
        case (true, true): [255, 255, 255]
        }
    }

    /// A small photograph-like PNG that differs with the seed.
    static func picture(seed: UInt64, width: Int = 24, height: Int = 18) throws -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        let base = (0..<3).map { _ in Int(generator.next() % 200) }
        let slope = (0..<6).map { _ in Int(generator.next() % 5) }
        var samples: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                for c in 0..<3 { samples.append(UInt8(clamping: base[c] + slope[c] * x + slope[3 + c] * y / 2)) }
            }
        }
        return try encode(samples, width: width, height: height, bands: 3, as: ".png")
    }
}
