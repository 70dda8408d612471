import CodeFiles
import HashDB
import ImageCodes

/// What a store keeps beside a code, as far as the tool can tell: the record of an image, other bytes, or nothing.
enum StoredRecord {
    case none
    case image(ImageRecord)
    case bytes([UInt8])

    init(_ payload: [UInt8]?) {
        guard let payload else {
            self = .none
            return
        }
        if let record = try? ImageRecord(decoding: payload) {
            self = .image(record)
        } else {
            self = .bytes(payload)
        }
    }

    /// Where the image is.
    var path: ImagePath? {
        if case .image(let record) = self { record.path } else { nil }
    }

    /// A line of `dump`.
    func text(of item: Item) -> String {
        "\(item.id)\t\(item.code.hex)" + (path.map { "\t\($0)" } ?? "")
    }

    /// A line of `dump --json`.
    func json(of item: Item) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .unsigned(item.id)),
            .init("code", .string(item.code.hex)),
        ]
        switch self {
        case .none: break
        case .bytes(let bytes): members.append(.init("payload", .string(hexadecimal(bytes))))
        case .image(let record):
            members += [
                .init("path", .text(record.path.bytes)),
                .init("bytes", .unsigned(record.stamp.size)),
                .init("modified_ns", .integer(Int(record.stamp.modificationTime))),
                .init("width", .integer(record.width)),
                .init("height", .integer(record.height)),
                .init("content", .string("\(record.contentHash)")),
            ]
        }
        return .object(members)
    }
}
