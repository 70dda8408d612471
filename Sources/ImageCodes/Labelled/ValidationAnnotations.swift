/// The list `val_annotations.txt` of Tiny ImageNet: file, tab, class, and more that is of no use here.
///
/// The files lie in the folder `images` beside the list.
struct ValidationAnnotations {
    static let name = "val_annotations.txt"

    /// More than the list of any data set that fits into memory.
    private static let limit = 1 << 28

    private let folder: ImagePath
    private let path: ImagePath
    private let lines: [(number: Int, fields: [ArraySlice<UInt8>])]

    /// Reads the list at a path.
    init(_ path: ImagePath) throws {
        self.path = path
        folder = ImagePath(bytes: Array(path.bytes.dropLast(Self.name.utf8.count + 1))).appending("images".utf8)
        lines = try tabSeparatedLines(of: path, limit: Self.limit)
    }

    /// The images for tests. Throws `listInvalid` where a line lacks its class, or names one that is unknown.
    ///
    /// Folders go by their bytes: different ones may be the same as text.
    func files(folders: [[UInt8]]) throws -> [LabelledDirectory.File] {
        let labels = Dictionary(uniqueKeysWithValues: zip(folders, folders.indices))
        return try lines.map { number, fields in
            guard fields.count >= 2, !fields[0].isEmpty else {
                throw ImageCodesError.listInvalid(
                    path: path.description, line: number, reason: "a file, a tab and a class are expected")
            }
            guard let label = labels[Array(fields[1])] else {
                throw ImageCodesError.listInvalid(
                    path: path.description, line: number,
                    reason: "there is no folder for class \"\(shownOnOneLine(fields[1]))\"")
            }
            return LabelledDirectory.File(path: folder.appending(fields[0]), label: label, isTest: true)
        }
    }
}

/// The fields of each line that is not empty, lines counted from 1. Throws `ImageDecodingError` for a file that cannot
/// be read.
func tabSeparatedLines(of path: ImagePath, limit: Int) throws -> [(number: Int, fields: [ArraySlice<UInt8>])] {
    let contents = try FileContents.read(path, limit: limit, followLinks: true)
    let lines = contents.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard !line.isEmpty else { return nil }
        return (index + 1, line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false))
    }
}
