/// What names tell: which files are images, which directories are not to be entered.
enum ImageNames {
    /// Endings of formats that are read.
    private static let read = Set(
        [
            "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "tif", "tiff", "heic", "heif", "hif", "avif", "ppm",
            "pgm",
            "pbm", "pnm", "jxl",
        ] + CameraRaw.suffixes)

    /// Endings of image formats that are not: counted apart, so that nobody misses pictures without a word.
    private static let notRead: Set<String> = [
        "bmp", "ico", "jp2", "j2k", "svg", "svgz", "psd", "xcf", "tga", "exr", "hdr",
    ]

    /// Directories that hold what was deleted, and what is not anybody's; those that begin with a dot count as hidden.
    private static let trash: Set<String> = [
        "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "#recycle",
    ]

    /// `nil` for the name of an image that is read, or for one of other endings that are wanted instead, else the reason to pass it over.
    static func skipReason(ofFile name: ArraySlice<UInt8>, unlessOf endings: Set<String>? = nil) -> SkipReason? {
        guard let dot = name.lastIndex(of: ImagePath.dot), dot > name.startIndex else { return .notAnImage }
        let ending = lowercased(name[(dot + 1)...])
        if (endings ?? read).contains(ending) { return nil }
        return notRead.contains(ending) ? .formatNotRead : .notAnImage
    }

    static func isHidden(_ name: ArraySlice<UInt8>) -> Bool {
        name.first == ImagePath.dot
    }

    static func isTrash(_ name: ArraySlice<UInt8>) -> Bool {
        trash.contains(lowercased(name))
    }

    /// Letters A to Z made small, and no others, so that it is the same everywhere.
    static func lowercased(_ name: ArraySlice<UInt8>) -> String {
        String(decoding: name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
