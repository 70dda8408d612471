import CodeFiles
import HashDB
import ImageCodes

/// What a store keeps beside a code, as far as the tool can tell: the record of an image, other bytes, or nothing.
enum StoredRecord {
    case none
    /// With the paths of its files.
    case image(ImageRecord, [ImagePath])
    /// The text that a file of codes gave beside the code.
    case name(CodeName)
    case bytes([UInt8])

    init(_ payload: [UInt8]?, _ roots: ImageRoots) {
        guard let payload else {
            self = .none
            return
        }
        if let record = try? ImageRecord(decoding: payload) {
            self = .image(record, roots.paths(of: record))
        } else if let name = CodeName(decoding: payload) {
            self = .name(name)
        } else {
            self = .bytes(payload)
        }
    }

    /// Where the image is: the first of the paths.
    var path: ImagePath? { paths.first }

    /// Where files of the image are, if it is one.
    var paths: [ImagePath] {
        if case .image(_, let paths) = self { paths } else { [] }
    }

    /// The members of a JSON object that tell where the image is: `path`, and all `paths` if there are several.
    var pathMembers: [JSONValue.Member] {
        guard let path else { return [] }
        let members = [JSONValue.Member("path", .text(path.bytes))]
        return paths.count == 1 ? members : members + [.init("paths", .array(paths.map { .text($0.bytes) }))]
    }

    /// What people know the item by: the path of the image, or the text that came with the code.
    var text: [UInt8]? {
        switch self {
        case .image: path?.bytes
        case .name(let name): name.bytes
        case .none, .bytes: nil
        }
    }

    /// The same to be shown on one line.
    var label: String? {
        if case .name(let name) = self {
            shownOnOneLine(name.bytes)
        } else {
            path?.description
        }
    }

    /// How many files of the image there are besides the one that `path` names.
    var furtherPaths: Int { max(0, paths.count - 1) }

    /// A line of `dump`.
    func text(of item: Item) -> String {
        let labels = paths.isEmpty ? [label].compactMap { $0 } : paths.map(\.description)
        return "\(item.id)\t\(item.code.hex)" + labels.map { "\t\($0)" }.joined()
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
        case .bytes(let bytes): members.append(.init("payload", .string(HexDigits.text(of: bytes))))
        case .image(let record, _):
            members += pathMembers
            members += [
                .init("bytes", .unsigned(record.size)),
                .init("modified_ns", .integer(Int(record.places.first?.modificationTime ?? 0))),
                .init("width", .integer(record.width)),
                .init("height", .integer(record.height)),
                .init("content", .string("\(record.contentHash)")),
            ]
            if let quality = record.quality { members.append(.init("quality", .integer(Int(quality)))) }
        }
        return .object(members)
    }
}
