import CodeFiles
import HashDB
import ImageCodes

/// What a store keeps beside a code, as far as the tool can tell: the record of an image, other bytes, or nothing.
enum StoredRecord {
    case none
    case image(ImageRecord)
    /// The text that a file of codes gave beside the code.
    case name(CodeName)
    case bytes([UInt8])

    init(_ payload: [UInt8]?) {
        guard let payload else {
            self = .none
            return
        }
        if let record = try? ImageRecord(decoding: payload) {
            self = .image(record)
        } else if let name = CodeName(decoding: payload) {
            self = .name(name)
        } else {
            self = .bytes(payload)
        }
    }

    /// Where the image is.
    var path: ImagePath? {
        if case .image(let record) = self { record.path } else { nil }
    }

    /// What people know the item by: the path of the image, or the text that came with the code.
    var text: [UInt8]? {
        switch self {
        case .image(let record): record.path.bytes
        case .name(let name): name.bytes
        case .none, .bytes: nil
        }
    }

    /// The same to be shown on one line.
    var label: String? {
        if case .name(let name) = self {
            String(decoding: name.bytes, as: UTF8.self).map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined()
        } else {
            path?.description
        }
    }

    /// A line of `dump`.
    func text(of item: Item) -> String {
        "\(item.id)\t\(item.code.hex)" + (label.map { "\t\($0)" } ?? "")
    }

    /// A line of `dump --json`.
    func json(of item: Item) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .unsigned(item.id)),
            .init("code", .string(item.code.hex)),
        ]
        switch self {
        case .none: break
        case .name(let name): members.append(.init("name", .text(name.bytes)))
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
