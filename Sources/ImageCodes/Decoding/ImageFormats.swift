import CVips

/// A kind of image files, and whether this machine reads it.
public struct ImageFormat: Hashable, Sendable {
    /// Its name, as `ImageHeader.format` gives it.
    public let name: String
    /// Endings of file names, without dots.
    public let suffixes: [String]
    /// Whether the installed libvips decodes it.
    public let isRead: Bool

    /// The kinds that hashdb knows, as far as the installed libvips is concerned.
    public static var all: [ImageFormat] {
        var formats: [ImageFormat] = []
        withUnsafeMutablePointer(to: &formats) { formats in
            _ = cvips_formats(
                { name, suffixes, isRead, context in
                    guard let name, let formats = context?.assumingMemoryBound(to: [ImageFormat].self) else { return }
                    var endings: [String] = []
                    var next = suffixes
                    while let suffix = next?.pointee {
                        endings.append(String(String(cString: suffix).drop { $0 == "." }))
                        next = next.map { $0 + 1 }
                    }
                    formats.pointee.append(ImageFormat(name: String(cString: name), suffixes: endings, isRead: isRead))
                }, formats)
        }
        return formats
    }

    /// The version of the libvips that decodes images, such as `8.14.1`.
    public static var libraryVersion: String { String(cString: cvips_version()) }
}
