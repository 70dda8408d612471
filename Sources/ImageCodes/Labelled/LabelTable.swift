import HashNets

/// Reads images with several labels each, which a table names.
///
/// Each line of the table is a file's path in the directory, a tab, and its labels separated by commas. Labels are
/// numbered in the order of their names' bytes. Files in folders `test` or `val` of the directory are its part
/// for tests. Images that cannot be decoded are named to `log` and left out.
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
    let names = Set(kept.flatMap(\.labels)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count >= 2 else { throw ImageCodesError.tooFewClasses(path: table, found: names) }
    let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    var images = LabelledImages(
        pixels: decoded.pixels, labelSets: kept.map { Set($0.labels.compactMap { numbers[$0] }) }, classNames: names,
        shape: shape)
    let isTest = kept.map { row in ["test/", "val/"].contains { row.file.starts(with: $0.utf8) } }
    if isTest.contains(true), isTest.contains(false) { images.isTest = isTest }
    return images
}

/// The lines of a table of labels.
private struct LabelTable {
    private(set) var rows: [(file: [UInt8], labels: [String])] = []

    private static let largestFile = 1 << 28

    init(reading path: String) throws {
        let file = try ImagePath(path).resolved()
        for (number, fields) in try tabSeparatedLines(of: file, limit: Self.largestFile) {
            guard fields.count == 2, !fields[0].isEmpty else {
                throw ImageCodesError.listInvalid(
                    path: path, line: number, reason: "a file, a tab, and labels with commas between are expected")
            }
            let labels = fields[1].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
            rows.append((Array(fields[0]), labels))
        }
    }
}
