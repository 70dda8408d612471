import CVips

extension ImageFormat {
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
