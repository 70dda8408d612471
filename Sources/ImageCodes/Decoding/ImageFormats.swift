import CVips

/// A kind of image files, and whether this machine reads it.
public struct ImageFormat: Hashable, Sendable {
    /// Its name, as `ImageHeader.format` gives it.
    public let name: String
    /// Endings of the names of such files, without dots.
    public let suffixes: [String]
    /// Why it is not read here; nil if it is.
    public let missing: String?

    /// Whether it is read here.
    public var isRead: Bool { missing == nil }

    /// The kinds that hashdb reads, with the endings by which files are taken for images, whatever libvips is installed.
    static let known: [(name: String, suffixes: [String])] = [
        ("jpeg", ["jpg", "jpeg", "jpe", "jfif"]), ("png", ["png"]), ("gif", ["gif"]), ("webp", ["webp"]),
        ("tiff", ["tif", "tiff"]), ("heif", ["heic", "heif", "hif", "avif"]), ("jxl", ["jxl"]),
        ("ppm", ["ppm", "pgm", "pbm", "pnm"]), (CameraRaw.format, CameraRaw.suffixes),
    ]

    /// Kinds that it does not read: files with these endings are counted apart, so that nobody misses pictures without a word.
    static let unknown: [(name: String, suffixes: [String])] = [
        ("bmp", ["bmp"]), ("ico", ["ico"]), ("jp2", ["jp2", "j2k"]), ("svg", ["svg", "svgz"]), ("psd", ["psd"]),
        ("xcf", ["xcf"]), ("tga", ["tga"]), ("exr", ["exr"]), ("hdr", ["hdr"]),
    ]

    /// All kinds of images that hashdb knows: those that it reads, where the libraries for them are installed, and those that it does not.
    public static var all: [ImageFormat] {
        var installed: Set<String> = rawLibraryVersion == nil ? [] : [CameraRaw.format]
        withUnsafeMutablePointer(to: &installed) { installed in
            _ = cvips_formats(
                { name, isRead, context in
                    guard isRead, let name else { return }
                    context?.assumingMemoryBound(to: Set<String>.self).pointee.insert(String(cString: name))
                }, installed)
        }
        return known.map { name, suffixes in
            let reason = name == CameraRaw.format ? "hashdb was built without LibRaw" : "this libvips lacks it"
            return ImageFormat(name: name, suffixes: suffixes, missing: installed.contains(name) ? nil : reason)
        } + unknown.map { ImageFormat(name: $0.name, suffixes: $0.suffixes, missing: "hashdb does not read it") }
    }

    /// The version of the libvips that decodes images, such as `8.14.1`.
    public static var libraryVersion: String { String(cString: cvips_version()) }

    /// The version of the LibRaw that reads the raw files of cameras, such as `0.20.2`; nil where hashdb was built without.
    public static var rawLibraryVersion: String? { CameraRaw.libraryVersion }
}
