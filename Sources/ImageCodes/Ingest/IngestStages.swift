import Foundation
import HashDB

/// What the walking thread hands to the decoding ones.
enum Candidate: Sendable {
    /// A file to be read.
    case file(WalkedFile, ImagePlace)
    /// A file that was read before, under another name or by an earlier version: nothing but its place is news.
    case recognised(FoundImage)
    /// Something passed over that is worth telling.
    case passedOver(ImagePath, SkipReason)

    /// What is to be done about a file; `nil` if it is as the store knows it.
    init?(_ file: WalkedFile, _ roots: ImageRoots, _ snapshot: borrowing Snapshot) throws {
        let (root, path) = roots.place(of: file.path)
        let place = ImagePlace(
            root: root, path: path, modificationTime: file.stamp.modificationTime, inode: file.inode)
        let known = try snapshot.findImage(root: root, path: path)
        if let record = known?.record, let old = record.places.first(where: { $0.isSamePath(as: place) }),
            record.size == file.stamp.size, old.modificationTime == place.modificationTime
        {
            if old.inode == place.inode { return nil }
            // Without a number to compare, size and time have to do.
            if old.inode == 0 || place.inode == 0 {
                self = .recognised(FoundImage(path: file.path, place: place, content: record.content))
                return
            }
        }
        if let same = try snapshot.findImage(inode: file.inode, stamp: file.stamp) {
            self = .recognised(FoundImage(path: file.path, place: place, content: same.record.content))
            return
        }
        if known == nil, root != 0, let same = try snapshot.findImage(fromEarlierVersionAt: file) {
            self = .recognised(FoundImage(path: file.path, place: place, content: same.record.content))
            return
        }
        self = .file(file, place)
    }
}

extension Snapshot {
    /// What an earlier version has put in under an absolute path, if the file is as it was then.
    fileprivate func findImage(fromEarlierVersionAt file: WalkedFile) throws -> StoredImage? {
        let path = file.path.relative(to: ImagePath("/"))
        guard let image = try findImage(root: 0, path: path), image.record.size == file.stamp.size else { return nil }
        let isSame = image.record.places.contains {
            $0.root == 0 && $0.path == path && $0.modificationTime == file.stamp.modificationTime
        }
        return isSame ? image : nil
    }
}

/// What the decoding threads hand to the encoding one.
enum Decoded: Sendable {
    case pixels([UInt8], DecodedImage)
    /// A content that the store has.
    case known(FoundImage)
    case failed(ImageDecodingError)
    case passedOver(ImagePath, SkipReason)
    /// Left out because the run was cancelled.
    case dropped

    var withoutPixels: Decoded {
        if case .pixels = self { .dropped } else { self }
    }

    /// Of the files that were read.
    var bytesRead: UInt64 {
        switch self {
        case .pixels(_, let image): image.found.content.size
        case .known(let found): found.content.size
        default: 0
        }
    }
}

/// A file, and what its header says.
struct DecodedImage: Sendable {
    var found: FoundImage
    var width: Int
    var height: Int
    var quality: UInt8?
}

/// What the encoding thread hands to the committing one.
enum Encoded: Sendable {
    case new(NewImage, FoundImage)
    case known(FoundImage)
    case failed(ImageDecodingError)
    case passedOver(ImagePath, SkipReason)

    var isPassedOver: Bool {
        if case .passedOver = self { true } else { false }
    }
}

/// The decoding step.
struct DecodingStage {
    private let store: Store
    private let encoder: any ImageEncoder
    private let limits: ImageDecoder.Limits
    private let followsLinks: Bool

    /// Files so large that several in memory would be felt are read and decoded one at a time.
    private static let largeFileBytes = 64 << 20
    private static let largeFile = NSLock()

    init(_ ingest: Ingest) {
        store = ingest.store
        encoder = ingest.encoder
        limits = ingest.options.limits
        followsLinks = ingest.options.walking.followsLinks
    }

    /// Reads a file, hashes it, and decodes it unless the store has its content.
    ///
    /// - Throws: `ImageDecodingError`; errors of the store.
    func decode(_ file: WalkedFile, _ place: ImagePlace) throws -> Decoded {
        guard file.stamp.size > DecodingStage.largeFileBytes else { return try read(file, place) }
        return try DecodingStage.largeFile.withLock { try read(file, place) }
    }

    private func read(_ file: WalkedFile, _ place: ImagePlace) throws -> Decoded {
        let contents = try FileContents.read(file.path, limit: limits.fileBytes, followLinks: followsLinks)
        var place = place
        place.modificationTime = contents.stamp.modificationTime
        if place.inode != 0 { place.inode = contents.inode }
        let content = ImageContent(hash: ContentHash(of: contents.bytes), size: contents.stamp.size)
        let found = FoundImage(path: file.path, place: place, content: content)
        if try store.read({ try $0.findImage(with: content) }) != nil { return .known(found) }
        let image = try encoder.prepare(contents.bytes, named: file.path, limits: limits)
        return .pixels(
            image.bytes,
            DecodedImage(
                found: found, width: image.header.width, height: image.header.height, quality: image.quality))
    }
}

/// The encoding step: gathers images and encodes them together.
struct EncodingStage {
    private let encoder: any ImageEncoder
    private var waiting: [Decoded] = []
    private var images = 0
    private var recent: RecentContents

    init(_ ingest: Ingest) {
        encoder = ingest.encoder
        // More than can be on its way between here and the store.
        recent = RecentContents(capacity: ingest.options.commitCount + 64 * ingest.options.batch)
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Whether there are as many images as are encoded together, or a great deal of anything else.
    func isFull(_ batch: Int) -> Bool {
        images >= batch || waiting.count >= 16 * batch
    }

    mutating func add(_ decoded: Decoded) {
        guard case .pixels(_, let image) = decoded else { return waiting.append(decoded) }
        // Of equal files in one run the first one is encoded.
        guard recent.insert(image.found.content) else { return waiting.append(.known(image.found)) }
        images += 1
        waiting.append(decoded)
    }

    /// Encodes what was gathered, in one call of the network, and gives everything on in order.
    mutating func finishBatch() throws -> [Encoded] {
        defer {
            waiting.removeAll()
            images = 0
        }
        var pixels: [UInt8] = []
        for case .pixels(let image, _) in waiting { pixels += image }
        let codes = images > 0 ? try encoder.encode(pixels: pixels, count: images) : []
        var next = 0
        return try waiting.compactMap { decoded in
            switch decoded {
            case .pixels(_, let image):
                defer { next += encoder.codeBytes }
                let code = try BinaryCode(bytes: codes[next..<next + encoder.codeBytes])
                let new = NewImage(code: code, width: image.width, height: image.height, quality: image.quality)
                return .new(new, image.found)
            case .known(let found): return .known(found)
            case .failed(let error): return .failed(error)
            case .passedOver(let path, let reason): return .passedOver(path, reason)
            case .dropped: return nil
            }
        }
    }
}

/// The last contents that were encoded, some of which the store does not have yet.
private struct RecentContents {
    private let capacity: Int
    private var contents: Set<ImageContent> = []
    private var order: [ImageContent] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Whether the content was not there yet.
    mutating func insert(_ content: ImageContent) -> Bool {
        guard contents.insert(content).inserted else { return false }
        if order.count < capacity {
            order.append(content)
        } else {
            contents.remove(order[oldest])
            order[oldest] = content
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}
