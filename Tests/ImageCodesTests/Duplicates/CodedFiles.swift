import Foundation
import HashDB
import Testing

import ImageCodes

/// A store of files whose codes the test chooses; contents need be no images, unless pixels are compared. A few bytes stand for a JPEG of which
/// nothing can be decoded, as what is no image at all is in no group with others.
struct CodedFiles {
    let directory: TemporaryDirectory
    let store: Store
    var path: ImagePath { directory["store"] }

    init(bits: Int = 16) throws {
        directory = try TemporaryDirectory()
        store = try Store.create(
            at: directory["store"].string, bitWidth: bits, model: ModelIdentity(name: "pdq", fingerprint: "f"))
    }

    /// What is written for some bytes.
    static func file(_ bytes: [UInt8]) -> [UInt8] { bytes.count < 8 ? [0xFF, 0xD8, 0xFF] + bytes : bytes }

    /// Writes a file and puts it into the store.
    @discardableResult
    func add(
        _ name: String, _ bytes: [UInt8], code: [UInt8], width: Int = 4, height: Int = 4, quality: UInt8? = nil
    ) throws -> ImageContent {
        let path = try directory.write(Self.file(bytes), to: name)
        return try put(path, bytes, code: code, width: width, height: height, quality: quality)
    }

    /// The same of a name that need not be UTF-8; nil where the file system has no such names.
    func add(_ name: [UInt8], _ bytes: [UInt8], code: [UInt8]) throws -> ImageContent? {
        let path = directory.path.appending(name)
        guard path.write(Self.file(bytes)) else { return nil }
        return try put(path, bytes, code: code)
    }

    @discardableResult
    func put(
        _ path: ImagePath, _ bytes: [UInt8], code: [UInt8], width: Int = 4, height: Int = 4, quality: UInt8? = nil
    ) throws -> ImageContent {
        let bytes = Self.file(bytes)
        let content = ImageContent(hash: ContentHash(of: bytes), size: UInt64(bytes.count))
        try put(path, content: content, code: code, width: width, height: height, quality: quality)
        return content
    }

    /// The same of a file whose bytes nobody has to know.
    func put(
        _ path: ImagePath, content: ImageContent, code: [UInt8], width: Int = 4, height: Int = 4, quality: UInt8? = nil
    ) throws {
        var status = stat()
        try #require(path.withCString { lstat($0, &status) } == 0)
        let place = ImagePlace(
            root: 0, path: path.relative(to: ImagePath("/")), modificationTime: FileStamp(status).modificationTime,
            inode: UInt64(status.st_ino))
        var detached: [UInt64] = []
        try store.write { transaction in
            _ = try transaction.put(
                FoundImage(path: path, place: place, content: content),
                NewImage(code: BinaryCode(bytes: code), width: width, height: height, quality: quality),
                isGone: { _ in false },
                detached: &detached)
        }
    }

    func search(_ tier: DuplicateTier, radius: Int = 0, _ change: (inout DuplicateSearch) -> Void = { _ in }) throws
        -> (report: DuplicateReport, summary: DuplicateSearch.Summary)
    {
        var search = DuplicateSearch(tier: tier, radius: radius)
        change(&search)
        let (report, summary) = try store.read { try search.run($0, store: path) }
        return (report, summary)
    }

    /// The names of each group's files, kept ones with a star.
    func names(_ report: DuplicateReport) -> [[String]] {
        report.groups.map { group in
            group.images.map { image in
                let name = image.path.string.dropFirst(directory.path.string.count + 1)
                return name + (image.mark == .keep ? "*" : "")
            }
        }
    }
}

extension ImagePath {
    /// Makes a file; false where the file system has no such names.
    func write(_ bytes: [UInt8]) -> Bool {
        let descriptor = withCString { open($0, O_WRONLY | O_CREAT | O_EXCL, 0o600) }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
