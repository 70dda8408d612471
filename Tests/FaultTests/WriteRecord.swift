import Foundation

/// What a program did to a file, as Interposer.c wrote it down.
enum WriteRecord {
    /// Bytes went to an offset; `isDurable` where the call waited for the device.
    case write(offset: Int, bytes: ArraySlice<UInt8>, isDurable: Bool)
    /// All before is on the device.
    case sync
    /// The file became so long.
    case truncate(length: Int)
    /// A step was acknowledged.
    case acknowledged(Int)
    /// The directory's entry of the file is on the device.
    case directorySync
    /// The same was done to the copy that is to take the file's place.
    indirect case ofCopy(WriteRecord)
    /// The copy took it.
    case replaced

    /// Reads a whole log.
    static func all(of path: String) throws -> [WriteRecord] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var records: [WriteRecord] = []
        var at = 0
        func number(_ place: Int) -> Int {
            (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        while at + 18 <= bytes.count {
            let (offset, length) = (number(at + 2), number(at + 10))
            let kind = Character(UnicodeScalar(bytes[at]))
            let isDurable = bytes[at + 1] != 0
            at += 18
            let hasBytes = kind == "w" || kind == "o" || kind == "W"
            let content = bytes[at..<(hasBytes ? at + length : at)]
            at = content.endIndex
            switch kind {
            case "w": records.append(.write(offset: offset, bytes: content, isDurable: isDurable))
            case "W": records.append(.ofCopy(.write(offset: offset, bytes: content, isDurable: isDurable)))
            case "s": records.append(.sync)
            case "S": records.append(.ofCopy(.sync))
            case "R": records.append(.replaced)
            case "t": records.append(.truncate(length: offset))
            case "d": records.append(.directorySync)
            default:
                let text = String(decoding: content, as: UTF8.self)
                records += text.split(separator: "\n").compactMap { Int($0) }.map { .acknowledged($0) }
            }
        }
        return records
    }
}

/// A file on a device that keeps what it was told to keep, and of the rest what chance would have.
struct DeviceImage {
    private static let sector = 512
    private(set) var durable: [UInt8] = []
    private var pending: [(offset: Int, bytes: ArraySlice<UInt8>)] = []
    private var pendingLength: Int?

    var hasPending: Bool { !pending.isEmpty || pendingLength != nil }

    mutating func apply(_ record: WriteRecord) {
        switch record {
        case .write(let offset, let bytes, let isDurable):
            pending.append((offset, bytes))
            // Such a call waits for its own bytes; what came before it in the cache may still be lost.
            if isDurable { Self.put(pending.removeLast(), into: &durable) }
        case .sync:
            for write in pending { Self.put(write, into: &durable) }
            if let length = pendingLength { Self.resize(&durable, to: length) }
            pending = []
            pendingLength = nil
        case .truncate(let length): pendingLength = length
        case .acknowledged, .directorySync, .ofCopy, .replaced: break
        }
    }

    /// What is left after a loss of power: each sector that was not yet safe is old or new, as the coin falls that
    /// shows "new" with probability `share`.
    func afterPowerLoss(keeping share: Double, _ generator: inout some RandomNumberGenerator) -> [UInt8] {
        var image = durable
        for write in pending {
            var at = write.bytes.startIndex
            while at < write.bytes.endIndex {
                let offset = write.offset + at - write.bytes.startIndex
                let end = min(write.bytes.endIndex, at + Self.sector - offset % Self.sector)
                if Double.random(in: 0..<1, using: &generator) < share {
                    Self.put((offset, write.bytes[at..<end]), into: &image)
                }
                at = end
            }
        }
        if let length = pendingLength, Double.random(in: 0..<1, using: &generator) < share {
            Self.resize(&image, to: length)
        }
        return image
    }

    private static func put(_ write: (offset: Int, bytes: ArraySlice<UInt8>), into image: inout [UInt8]) {
        let end = write.offset + write.bytes.count
        if image.count < end { resize(&image, to: end) }
        image.replaceSubrange(write.offset..<end, with: write.bytes)
    }

    private static func resize(_ image: inout [UInt8], to length: Int) {
        if image.count > length {
            image.removeLast(image.count - length)
        } else {
            image += repeatElement(0, count: length - image.count)
        }
    }
}
