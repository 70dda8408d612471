import Foundation
import HashNets
import ImageCodes

/// 64-bit codes of images: the signs of random projections of their centred pixels, the images in random order.
struct ImageProjections {
    let codes: CodeArray

    /// Reads all images of a directory of class folders, as CIFAR-10 comes unpacked.
    init(directory: String, log: (String) -> Void) throws {
        let images = try loadLabelledImages(
            at: directory, shape: ImageShape(channels: 3, height: 32, width: 32), log: log)
        var generator = Xoshiro(named: "images")
        let dimension = images.shape.count
        var mean = [Float](repeating: 0, count: dimension)
        for image in 0..<images.count {
            for i in 0..<dimension { mean[i] += Float(images.pixels[image * dimension + i]) }
        }
        for i in 0..<dimension { mean[i] /= Float(images.count) }
        // Pixel by pixel, so that the 64 sums of an image go through vector registers.
        let directions = (0..<dimension).map { _ in
            (0..<4).map { _ in SIMD16<Float>((0..<16).map { _ in Self.normal(&generator) }) }
        }
        var codes = CodeArray(bitWidth: 64)
        for image in (0..<images.count).shuffled(using: &generator) {
            var a = SIMD16<Float>.zero
            var b = a
            var c = a
            var d = a
            for i in 0..<dimension {
                let pixel = Float(images.pixels[image * dimension + i]) - mean[i]
                a += directions[i][0] * pixel
                b += directions[i][1] * pixel
                c += directions[i][2] * pixel
                d += directions[i][3] * pixel
            }
            var word: UInt64 = 0
            for (part, sums) in [a, b, c, d].enumerated() {
                for lane in 0..<16 where sums[lane] > 0 { word |= 1 << UInt64(16 * part + lane) }
            }
            codes.append(word)
        }
        self.codes = codes
    }

    /// A normally distributed number (Box and Muller).
    private static func normal(_ generator: inout Xoshiro) -> Float {
        let radius = (-2 * log(1 - generator.uniform())).squareRoot()
        return Float(radius * cos(2 * .pi * generator.uniform()))
    }
}
