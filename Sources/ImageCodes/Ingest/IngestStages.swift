import Foundation
import HashDB

/// What the walking thread hands to the decoding ones, for a collection.
enum Candidate: Sendable {
    /// A file to be read.
    case file(WalkedFile, ImagePlace)
    /// A file that was read before, under another name or by an earlier version: nothing but its place is news.
    case recognised(FoundImage)
    /// Something passed over that is worth telling.
    case passedOver(ImagePath, SkipReason)

    /// The file that is to be read, if one is.
    var file: WalkedFile? {
        if case .file(let file, _) = self { file } else { nil }
    }

    /// What is to be done about a file; `nil` if it is as the collection knows it.
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

/// What the decoding threads hand to the encoding one, for a collection.
enum Decoded: Sendable {
    case pixels(PreparedImage, FoundImage)
    /// A content that the collection has.
    case known(FoundImage)
    /// Of several collections that cannot take a file the first one tells of it.
    case failed(ImageDecodingError, isNews: Bool)
    case passedOver(ImagePath, SkipReason)
    /// As the collection knows it, or left out because the run was cancelled.
    case nothing

    /// What comes of a file without reading it.
    init(_ candidate: Candidate?) {
        switch candidate {
        case .recognised(let found): self = .known(found)
        case .passedOver(let path, let reason): self = .passedOver(path, reason)
        case .file, nil: self = .nothing
        }
    }

    var withoutPixels: Decoded {
        if case .pixels = self { .nothing } else { self }
    }

    /// Whether something came of a file.
    var isOfFile: Bool {
        switch self {
        case .pixels, .known, .failed: true
        case .passedOver, .nothing: false
        }
    }
}

/// What the encoding thread hands to the committing one, for a collection.
enum Encoded: Sendable {
    case new(NewImage, FoundImage)
    case known(FoundImage)
    case failed(ImageDecodingError, isNews: Bool)
    case passedOver(ImagePath, SkipReason)
}

/// The decoding step.
struct DecodingStage {
    private let collections: [IngestCollection]
    private let limits: ImageDecoder.Limits
    private let followsLinks: Bool

    /// Files so large that several in memory would be felt are read and decoded one at a time.
    private static let largeFileBytes = 64 << 20
    private static let largeFile = NSLock()

    init(_ collections: [IngestCollection], _ options: Ingest.Options) {
        self.collections = collections
        limits = options.limits
        followsLinks = options.walking.followsLinks
    }

    /// Reads a file once if any collection wants it, hashes it, and decodes it for those that do not have its content.
    ///
    /// - Throws: errors of the store.
    func decode(_ candidates: [Candidate?], isCancelled: Bool = false) throws -> (results: [Decoded], bytesRead: UInt64)
    {
        guard !isCancelled, let file = candidates.lazy.compactMap({ $0?.file }).first else {
            return (candidates.map { .init($0) }, 0)
        }
        guard file.stamp.size > DecodingStage.largeFileBytes else { return try read(file, for: candidates) }
        return try DecodingStage.largeFile.withLock { try read(file, for: candidates) }
    }

    private func read(_ walked: WalkedFile, for candidates: [Candidate?]) throws -> ([Decoded], UInt64) {
        let contents: FileContents
        do {
            contents = try FileContents.read(walked.path, limit: limits.fileBytes, followLinks: followsLinks)
        } catch {
            let first = candidates.firstIndex { $0?.file != nil }
            let results = candidates.enumerated().map { index, candidate -> Decoded in
                candidate?.file == nil ? .init(candidate) : .failed(error, isNews: index == first)
            }
            return (results, 0)
        }
        let content = ImageContent(hash: ContentHash(of: contents.bytes), size: contents.stamp.size)
        var file = FileDecoding(contents.bytes, named: walked.path, limits: limits)
        var isNews = true
        let results = try zip(collections, candidates).map { collection, candidate -> Decoded in
            guard case .file(_, var place) = candidate else { return .init(candidate) }
            place.modificationTime = contents.stamp.modificationTime
            if place.inode != 0 { place.inode = contents.inode }
            let found = FoundImage(path: walked.path, place: place, content: content)
            if try collection.store.read({ try $0.findImage(with: content) }) != nil { return .known(found) }
            do throws(ImageDecodingError) {
                return .pixels(try collection.encoder.prepare(&file), found)
            } catch {
                defer { isNews = false }
                return .failed(error, isNews: isNews)
            }
        }
        return (results, content.size)
    }
}

/// The encoding step: gathers images and encodes them together.
struct EncodingStage {
    private let encoder: any ImageEncoder
    private var waiting: [Decoded] = []
    private var images = 0
    private var recent: RecentContents

    init(_ collection: IngestCollection, _ options: Ingest.Options) {
        encoder = collection.encoder
        // More than can be on its way between here and the store.
        recent = RecentContents(capacity: options.commitCount + 64 * options.batch)
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Whether there are as many images as are encoded together, or a great deal of anything else.
    func isFull(_ batch: Int) -> Bool {
        images >= batch || waiting.count >= 16 * batch
    }

    mutating func add(_ decoded: Decoded) {
        guard case .pixels(_, let found) = decoded else {
            if case .nothing = decoded { return }
            return waiting.append(decoded)
        }
        // Of equal files in one run the first one is encoded.
        guard recent.insert(found.content) else { return waiting.append(.known(found)) }
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
        for case .pixels(let image, _) in waiting { pixels += image.bytes }
        let codes = images > 0 ? try encoder.encode(pixels: pixels, count: images) : []
        var next = 0
        return try waiting.compactMap { decoded in
            switch decoded {
            case .pixels(let image, let found):
                defer { next += encoder.codeBytes }
                let code = try BinaryCode(bytes: codes[next..<next + encoder.codeBytes])
                let new = NewImage(
                    code: code, width: image.header.width, height: image.header.height, quality: image.quality)
                return .new(new, found)
            case .known(let found): return .known(found)
            case .failed(let error, let isNews): return .failed(error, isNews: isNews)
            case .passedOver(let path, let reason): return .passedOver(path, reason)
            case .nothing: return nil
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
