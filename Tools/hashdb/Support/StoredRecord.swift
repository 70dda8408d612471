import CodeFiles
import HashDB
import ImageCodes

/// What a store keeps beside a code, as far as the tool can tell: the record of an image, other bytes, or nothing.
enum StoredRecord {
    case none
    case bytes([UInt8])

    init(_ payload: [UInt8]?) {
        guard let payload else {
            self = .none
            return
        }
        self = .bytes(payload)
    }

    /// The path to show to a person, on one line.
    var shownPath: String? { nil }

    /// The path as it is.
    var jsonPath: JSONValue? { nil }

    /// A line of `dump`.
    func text(of item: Item) -> String {
        "\(item.id)\t\(item.code.hex)" + (shownPath.map { "\t" + $0 } ?? "")
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
        }
        return .object(members)
    }
}
