import Foundation
import HashDB
import ImageCodes
import PerceptualHashes

/// A collection of images as their owners have them, as far as the search for duplicates looks: of every ten contents one has a second
/// file somewhere, and one is a smaller copy of another, whose PDQ code differs in 1 to 20 bits. All other codes are random.
///
/// Files are made only where the search looks at them, that is for contents that are in a group: of the right size, and with the first bytes
/// of a JPEG, at which the search looks, alone.
struct ImageCollection {
    let count: Int
    let directory: ImagePath
    private var random = Xoshiro(named: "image collection")
    private var inode: UInt64 = 1 << 40
    private(set) var files = 0

    init(count: Int, directory: ImagePath) {
        self.count = count
        self.directory = directory
    }

    /// Puts all images into a store of PDQ codes.
    mutating func write(to store: Store) throws {
        var last: (code: BinaryCode, width: Int, height: Int)?
        for start in stride(from: 0, to: count, by: 20_000) {
            try store.write { transaction in
                for number in start..<min(count, start + 20_000) {
                    // Image 10n + 1 is a copy of image 10n, and image 10n + 5 has two files.
                    let copied = number % 10 == 1 ? last : nil
                    let code = try copied.map { try near($0.code) } ?? randomCode()
                    let width = copied.map { $0.width / 2 } ?? 1000 + random.index(below: 4000)
                    let height = copied.map { $0.height / 2 } ?? 1000 + random.index(below: 3000)
                    let content = ImageContent(
                        hash: ContentHash(high: random.next(), low: random.next()),
                        size: UInt64(100_000 + random.index(below: 5_000_000)))
                    let hasFile = number % 10 < 2 || number % 10 == 5
                    let image = NewImage(code: code, width: width, height: height, quality: 100)
                    for copy in 0..<(number % 10 == 5 ? 2 : 1) {
                        let path = directory.appending(
                            Array("\(number / 1000)/IMG_\(number)\(copy > 0 ? " (1)" : "").jpg".utf8))
                        let place = try place(of: path, content, hasFile: hasFile)
                        var detached: [UInt64] = []
                        _ = try transaction.put(
                            FoundImage(path: path, place: place, content: content), image, isGone: { _ in false },
                            detached: &detached)
                    }
                    last = (code, width, height)
                }
            }
        }
    }

    private mutating func randomCode() throws -> BinaryCode {
        try BinaryCode(bytes: (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } })
    }

    /// A code that differs in some of the bits.
    private mutating func near(_ code: BinaryCode) throws -> BinaryCode {
        var bytes = code.bytes
        for _ in 0..<1 + random.index(below: 20) {
            let bit = random.index(below: 256)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        return try BinaryCode(bytes: bytes)
    }

    private mutating func place(of path: ImagePath, _ content: ImageContent, hasFile: Bool) throws -> ImagePlace {
        inode += 1
        var place = ImagePlace(
            root: 0, path: path.relative(to: ImagePath("/")), modificationTime: Int64(inode) << 20, inode: inode)
        guard hasFile else { return place }
        let url = URL(fileURLWithPath: path.string)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        var status = stat()
        guard FileManager.default.createFile(atPath: path.string, contents: Data([0xFF, 0xD8, 0xFF])),
            truncate(path.string, off_t(content.size)) == 0, lstat(path.string, &status) == 0
        else { throw BenchError("\(path): cannot be written") }
        (place.modificationTime, place.inode) = (FileStamp(status).modificationTime, UInt64(status.st_ino))
        files += 1
        return place
    }
}
