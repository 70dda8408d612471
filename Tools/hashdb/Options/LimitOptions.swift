import ArgumentParser
import ImageCodes

/// What is too large to be read.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Refuse images of more pixels, as their headers have them; default: \(ImageDecoder.Limits().pixels).",
            valueName: "pixels"))
    var maxPixels: Int?

    @Option(
        help: ArgumentHelp(
            "Refuse files of more bytes; default: \(ImageDecoder.Limits().fileBytes).", valueName: "bytes"))
    var maxFileBytes: Int?

    func validate() throws {
        for (name, value) in [("--max-pixels", maxPixels), ("--max-file-bytes", maxFileBytes)] {
            if let value, value < 1 { throw ValidationError("\(name) \(value): it must be at least 1") }
        }
    }

    /// The same for the decoder.
    var limits: ImageDecoder.Limits {
        var limits = ImageDecoder.Limits()
        if let maxPixels { limits.pixels = maxPixels }
        if let maxFileBytes { limits.fileBytes = maxFileBytes }
        return limits
    }
}
