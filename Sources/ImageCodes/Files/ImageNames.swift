/// What names tell: which files are images, which directories are not to be entered.
enum ImageNames {
    /// Endings of formats that are read.
    private static let read = Set(ImageFormat.known.flatMap(\.suffixes))

    /// Endings of image formats that are not: counted apart, so that nobody misses pictures without a word.
    private static let notRead = Set(ImageFormat.unknown.flatMap(\.suffixes))

    /// Directories that hold what was deleted, and what is not anybody's.
    private static let trash: Set<String> = [
        "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "#recycle", ".trash",
        ".trashes",
    ]

    /// `nil` for the name of an image that is read, or for one of other endings that are wanted instead, else the reason to pass it over.
    static func skipReason(ofFile name: ArraySlice<UInt8>, unlessOf endings: Set<String>? = nil) -> SkipReason? {
        guard let dot = name.lastIndex(of: ImagePath.dot), dot > name.startIndex else { return .notAnImage }
        let ending = text(lowercased(name[(dot + 1)...]))
        if (endings ?? read).contains(ending) { return nil }
        return notRead.contains(ending) ? .formatNotRead : .notAnImage
    }

    static func isHidden(_ name: ArraySlice<UInt8>) -> Bool {
        name.first == ImagePath.dot
    }

    static func isTrash(_ name: ArraySlice<UInt8>) -> Bool {
        trash.contains(text(lowercased(name)))
    }

    /// Letters A to Z made small, and no others, so that it is the same everywhere. Bytes, as texts are equal that are other names: in other
    /// forms of Unicode, or where neither is UTF-8.
    static func lowercased(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
