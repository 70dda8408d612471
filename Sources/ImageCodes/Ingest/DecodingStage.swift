import Foundation
import HashDB

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

/// The decoding step.
struct DecodingStage {
    private let collections: [IngestCollection]
    private let limits: ImageDecoder.Limits
    private let followsLinks: Bool
    /// Contents of which each collection has a great many files: to read such a record for each of them would take ever longer.
    private var common: [Set<ImageContent>]

    /// Files so large that several in memory would be felt are read and decoded one at a time.
    private static let largeFileBytes = 64 << 20
    private static let largeFile = NSLock()
    /// What makes a content common.
    private static let manyPlaces = 64

    init(_ collections: [IngestCollection], _ options: Ingest.Options) {
        self.collections = collections
        limits = options.limits
        followsLinks = options.walking.followsLinks
        common = collections.map { _ in [] }
    }

    /// Reads a file once if any collection wants it, hashes it, and decodes it for those that do not have its content.
    ///
    /// - Throws: errors of the store.
    mutating func decode(
        _ candidates: [Candidate?], isCancelled: Bool = false
    ) throws -> (results: [Decoded], bytesRead: UInt64) {
        guard !isCancelled, let file = candidates.lazy.compactMap({ $0?.file }).first else {
            return (candidates.map { .init($0) }, 0)
        }
        guard file.stamp.size > DecodingStage.largeFileBytes else { return try read(file, for: candidates) }
        return try DecodingStage.largeFile.withLock { try read(file, for: candidates) }
    }

    private mutating func read(_ walked: WalkedFile, for candidates: [Candidate?]) throws -> ([Decoded], UInt64) {
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
        let results = try candidates.enumerated().map { index, candidate -> Decoded in
            let collection = collections[index]
            guard case .file(_, var place) = candidate else { return .init(candidate) }
            place.modificationTime = contents.stamp.modificationTime
            if place.inode != 0 { place.inode = contents.inode }
            let found = FoundImage(path: walked.path, place: place, content: content)
            if common[index].contains(content) { return .known(found) }
            if let image = try collection.store.read({ try $0.findImage(with: content) }) {
                if image.record.places.count >= Self.manyPlaces { common[index].insert(content) }
                return .known(found)
            }
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
