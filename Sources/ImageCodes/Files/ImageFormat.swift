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

    /// The kinds that hashdb reads, with the endings by which files are taken for images, whatever libraries are installed.
    static let known: [(name: String, suffixes: [String])] = [
        ("jpeg", ["jpg", "jpeg", "jpe", "jfif"]), ("png", ["png"]), ("gif", ["gif"]), ("webp", ["webp"]),
        ("tiff", ["tif", "tiff"]), ("heif", ["heic", "heif", "hif", "avif"]), ("jxl", ["jxl"]),
        ("ppm", ["ppm", "pgm", "pbm", "pnm"]), cameraRaw,
    ]

    /// The raw files of cameras.
    static let cameraRaw: (name: String, suffixes: [String]) = (
        "raw",
        [
            "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "raf", "orf", "rw2", "rwl", "pef", "srw",
            "3fr", "iiq", "erf", "kdc", "dcr", "mrw", "x3f", "raw",
        ]
    )

    /// Kinds that it does not read: files with these endings are counted apart, so that nobody misses pictures without a word.
    static let unknown: [(name: String, suffixes: [String])] = [
        ("bmp", ["bmp"]), ("ico", ["ico"]), ("jp2", ["jp2", "j2k"]), ("svg", ["svg", "svgz"]), ("psd", ["psd"]),
        ("xcf", ["xcf"]), ("tga", ["tga"]), ("exr", ["exr"]), ("hdr", ["hdr"]),
    ]
}
