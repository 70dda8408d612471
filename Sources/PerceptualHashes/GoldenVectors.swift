/// What a hash must give for an image that is generated.
///
/// The vectors tell whether two programs compute the same: a store of image codes keeps them beside its codes, and a program whose own
/// differ must not add to them.
public struct GoldenVector: Hashable, Sendable, CustomStringConvertible {
    /// The name of the image.
    public let image: String
    /// Its code in hexadecimal.
    public let code: String
    /// Its quality.
    public let quality: Int

    /// Name, code and quality with spaces between.
    public var description: String { "\(image) \(code) \(quality)" }
}

extension PerceptualHash {
    /// What every implementation of this `id` must give, as it was when the id was given out.
    public var goldenVectors: [GoldenVector] {
        let codes =
            switch self {
            case .pdq: Self.pdqCodes
            case .phash: Self.phashCodes
            case .dhash: Self.dhashCodes
            }
        return zip(GoldenImage.all, zip(codes, Self.qualities)).map {
            GoldenVector(image: $0.name, code: $1.0, quality: $1.1)
        }
    }

    /// What this build, on this machine, gives.
    public func computedVectors() -> [GoldenVector] {
        GoldenImage.all.map { image in
            let block = image.block
            return GoldenVector(image: image.name, code: code(of: block).hex, quality: block.quality)
        }
    }

    private static let qualities = [100, 100, 100]
    private static let pdqCodes = [
        "51702ead48ac365277d02aa9020c7639f5fc4edefc0b71f8b7d38bac45527152",
        "41dc03c113dc03494a3c00411154ffe9fffcffd6fe03fcdaa003fffa4153a007",
        "fd14a941fd1403e943fc02c953fcfbc9d7fcd7560603d4da0283fffa41530007",
    ]
    private static let phashCodes = ["4a4a35ca1bd07b2f", "e0ca5fc05bc06a3f", "e0ca5fc05bc06a3f"]
    private static let dhashCodes = ["c6ce8e5c383171e3", "8e981c7173e3e7c7", "8e981c7173e3e7c7"]
}

/// An image made of integers: waves of triangles, a chequerboard, and noise.
struct GoldenImage {
    let name: String
    let width: Int
    let height: Int
    let layout: PixelLayout
    /// How much of it is noise, in 255ths.
    let noise: Int

    /// Below 64 pixels in one direction; windows of 1, 3 and 4 pixels; an even one, which goes over the edge.
    static let all = [
        GoldenImage(name: "small", width: 97, height: 61, layout: .grey, noise: 20),
        GoldenImage(name: "landscape", width: 400, height: 300, layout: .rgb, noise: 40),
        GoldenImage(name: "portrait", width: 250, height: 411, layout: .rgb, noise: 10),
    ]

    var pixels: [UInt8] {
        var state: UInt32 = 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * layout.channels)
        for y in 0..<height {
            for x in 0..<width {
                let (across, down) = (64 * x / width, 64 * y / height)
                for channel in 0..<layout.channels {
                    // Numerical Recipes' linear congruential generator; its high bits are good enough.
                    state = state &* 1_664_525 &+ 1_013_904_223
                    let first = Self.triangle(across * 5 + down * 3 + 40 * channel, 97)
                    let second = Self.triangle(across * 2 + (64 - down) * 7, 61)
                    let board = (x / 23 + y / 31 + channel) % 2 * 255
                    let waves = (3 * first + 2 * second + board) / 6
                    let grain = Int(state >> 24)
                    bytes.append(UInt8((waves * (255 - noise) + grain * noise) / 255))
                }
            }
        }
        return bytes
    }

    /// 0 at 0, 255 at `period`, 0 at twice that, and so on.
    private static func triangle(_ place: Int, _ period: Int) -> Int {
        let phase = place % (2 * period)
        return 255 * min(phase, 2 * period - phase) / period
    }

    var block: LumaBlock {
        do {
            return try LumaBlock(pixels, width: width, height: height, layout: layout)
        } catch {
            preconditionFailure("an image of its own has as many pixels as it says")
        }
    }
}
