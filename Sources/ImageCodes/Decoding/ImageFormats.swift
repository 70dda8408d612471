import CVips

/// A kind of image files, and whether this machine reads it.
public struct ImageFormat: Hashable, Sendable {
    /// Its name, as `ImageHeader.format` gives it.
    public let name: String
    /// Endings of file names, without dots.
    public let suffixes: [String]
    /// Why it is not read here; nil if it is.
    public let missing: String?

    /// Whether it is read here.
    public var isRead: Bool { missing == nil }

    /// The kinds that hashdb knows: those of libvips, and the raw files of cameras.
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
                    formats.pointee.append(
                        ImageFormat(
                            name: String(cString: name), suffixes: endings,
                            missing: isRead ? nil : "this libvips lacks it"))
                }, formats)
        }
        let reason = rawLibraryVersion == nil ? "hashdb was built without LibRaw" : nil
        return formats + [ImageFormat(name: CameraRaw.format, suffixes: CameraRaw.suffixes, missing: reason)]
    }

    /// The version of the libvips that decodes images, such as `8.14.1`.
    public static var libraryVersion: String { String(cString: cvips_version()) }

    /// The version of the LibRaw that reads the raw files of cameras, such as `0.20.2`; nil where hashdb was built without.
    public static var rawLibraryVersion: String? { CameraRaw.libraryVersion }
}
