import Foundation
import HashDB

/// What the walking thread hands to the decoding ones.
enum Candidate: Sendable {
    /// A file to be read, and what the store knows of it.
    case file(WalkedFile, known: ImageRecord?)
    /// Something passed over that is worth telling.
    case passedOver(ImagePath, SkipReason)
}

/// What the decoding threads hand to the encoding one.
enum Decoded: Sendable {
    case pixels([UInt8], ImageRecord)
    /// Other modification time, same bytes.
    case sameContent(ImageRecord)
    case failed(ImageDecodingError)
    case passedOver(ImagePath, SkipReason)
    /// Left out because the run was cancelled.
    case dropped

    var withoutPixels: Decoded {
        if case .pixels = self { .dropped } else { self }
    }
}

/// What the encoding thread hands to the committing one.
enum Encoded: Sendable {
    case code(BinaryCode, ImageRecord)
    case sameContent(ImageRecord)
    case failed(ImageDecodingError)
    case passedOver(ImagePath, SkipReason)

    var isPassedOver: Bool {
        if case .passedOver = self { true } else { false }
    }
}

/// The decoding step.
struct DecodingStage {
    let decoder: ImageDecoder

    /// Files so large that several in memory would be felt are read and decoded one at a time.
    private static let largeFileBytes = 64 << 20
    private static let largeFile = NSLock()

    /// Reads a file, hashes it, and decodes it unless the hash is the known one.
    func decode(_ file: WalkedFile, known: ImageRecord?) -> Decoded {
        guard file.stamp.size > DecodingStage.largeFileBytes else { return decode(file.path, known) }
        return DecodingStage.largeFile.withLock { decode(file.path, known) }
    }

    private func decode(_ path: ImagePath, _ known: ImageRecord?) -> Decoded {
        do {
            let contents = try FileContents.read(path, limit: decoder.limits.fileBytes, followLinks: false)
            let hash = ContentHash(of: contents.bytes)
            if var record = known, record.contentHash == hash, record.stamp.size == contents.stamp.size {
                record.stamp = contents.stamp
                return .sameContent(record)
            }
            let image = try decoder.decode(contents.bytes, named: path)
            let record = ImageRecord(
                path: path, stamp: contents.stamp, contentHash: hash, width: image.header.width,
                height: image.header.height)
            return .pixels(image.pixels, record)
        } catch {
            return .failed(error)
        }
    }
}

/// The encoding step: gathers images and encodes them together.
struct EncodingStage {
    let encoder: any ImageEncoder
    private var waiting: [Decoded] = []
    private var images = 0

    init(encoder: any ImageEncoder) {
        self.encoder = encoder
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Whether there are as many images as are encoded together, or a great deal of anything else.
    func isFull(_ batch: Int) -> Bool {
        images >= batch || waiting.count >= 16 * batch
    }

    mutating func add(_ decoded: Decoded) {
        if case .pixels = decoded { images += 1 }
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
            case .pixels(_, let record):
                defer { next += encoder.codeBytes }
                return .code(try BinaryCode(bytes: codes[next..<next + encoder.codeBytes]), record)
            case .sameContent(let record): return .sameContent(record)
            case .failed(let error): return .failed(error)
            case .passedOver(let path, let reason): return .passedOver(path, reason)
            case .dropped: return nil
            }
        }
    }
}
