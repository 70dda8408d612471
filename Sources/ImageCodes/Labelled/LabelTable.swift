import HashNets

/// Reads images with several labels each, which a table names.
///
/// Each line of the table is a file's path in the directory, a tab, and its labels separated by commas, with or without spaces around; a file
/// has the labels of all its lines. Labels are UTF-8, two if their bytes differ, and numbered in the order of these. Files in folders `test` or
/// `val` of the directory are its part for tests. Images that cannot be decoded are named to `log` and left out.
///
/// - Parameters:
///   - directory: where the files are.
///   - table: the file with the labels.
///   - shape: what images are decoded to, as `ImageDecoder` does it.
///   - log: gets a line about each file left out (the first hundred), and about progress; called on this thread.
/// - Throws: `ImageCodesError`; `ImageDecodingError` if the table cannot be read.
public func loadLabelledImages(
    at directory: String, table: String, shape: ImageShape, log: (String) -> Void = { _ in }
) throws -> LabelledImages {
    let root = try ImagePath(directory).resolved()
    let rows = try LabelTable(reading: table).rows
    let files = rows.map { row in
        row.file.split(separator: UInt8(ascii: "/")).reduce(root) { $0.appending($1) }
    }
    let decoded = try DecodedFiles(files, decoder: ImageDecoder(shape: shape), log: log)
    let kept = zip(rows, decoded.isDecoded).compactMap { row, isDecoded in isDecoded ? row : nil }
    let labels = Set(kept.flatMap(\.labels)).sorted { $0.lexicographicallyPrecedes($1) }
    let names = labels.map { String(decoding: $0, as: UTF8.self) }
    guard names.count >= 2 else { throw ImageCodesError.tooFewLabels(path: table, found: names) }
    let numbers = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
    var images = LabelledImages(
        pixels: decoded.pixels, labelSets: kept.map { Set($0.labels.compactMap { numbers[$0] }) }, classNames: names,
        shape: shape)
    let isTest = kept.map { row in ["test/", "val/"].contains { row.file.starts(with: $0.utf8) } }
    if isTest.contains(true), isTest.contains(false) { images.isTest = isTest }
    return images
}

/// The lines of a table of labels.
private struct LabelTable {
    /// Labels as bytes: strings of different ones may be equal, as an é of one scalar and one of two.
    private(set) var rows: [(file: [UInt8], labels: [[UInt8]])] = []

    private static let largestFile = 1 << 28

    init(reading path: String) throws {
        let file = try ImagePath(path).resolved()
        var rowOfFile: [[UInt8]: Int] = [:]
        for (number, fields) in try tabSeparatedLines(of: file, limit: Self.largestFile) {
            guard fields.count == 2, !fields[0].isEmpty else {
                throw ImageCodesError.listInvalid(
                    path: path, line: number, reason: "a file, a tab, and labels with commas between are expected")
            }
            guard String(validating: fields[1], as: UTF8.self) != nil else {
                throw ImageCodesError.listInvalid(
                    path: path, line: number,
                    reason: "\(shownOnOneLine(fields[1])) is not UTF-8; convert the table to that")
            }
            let labels = fields[1].split(separator: UInt8(ascii: ",")).compactMap(Self.label)
            let row = rowOfFile[Array(fields[0])] ?? rows.count
            if row == rows.count {
                rowOfFile[Array(fields[0])] = row
                rows.append((Array(fields[0]), []))
            }
            rows[row].labels += labels
        }
    }

    /// The name between two commas without the spaces around it; nil where there is none.
    private static func label(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = field.firstIndex(where: { $0 != 0x20 }), let last = field.lastIndex(where: { $0 != 0x20 })
        else {
            return nil
        }
        return Array(field[first...last])
    }
}
