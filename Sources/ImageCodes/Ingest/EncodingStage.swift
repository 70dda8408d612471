import HashDB

/// What the encoding thread hands to the committing one, for a collection.
enum Encoded: Sendable {
    case new(NewImage, FoundImage)
    case known(FoundImage)
    case failed(ImageDecodingError, isNews: Bool)
    case passedOver(ImagePath, SkipReason)
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
