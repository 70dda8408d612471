/// The name of a collection, and those of its databases.
///
/// The default collection's databases have plain names, `meta` and others, those of a collection `pdq` are `pdq/meta` and so on: no name of
/// a collection has a slash.
struct CollectionName: Hashable, Sendable, Comparable {
    let text: String

    /// The one that is meant where none is named.
    static let defaultText = "default"
    static let maximumBytes = 40
    private static let parts = ["meta", "segments", "delta", "payloads", "attributes"]
    /// How many databases a collection has.
    static let databasesEach = parts.count

    var isDefault: Bool { text == Self.defaultText }

    /// In the order of `Databases.init`.
    var databaseNames: [String] { isDefault ? Self.parts : Self.parts.map { "\(text)/\($0)" } }

    /// What errors name as the place of damage.
    func place(in path: String) -> String { isDefault ? path : "\(path), collection \(text)" }

    /// The name of the database that has the header.
    var meta: String { databaseNames[0] }

    /// - Throws: `HashDBError.invalidCollectionName`.
    init(_ text: String) throws {
        guard Self.isValid(text) else { throw HashDBError.invalidCollectionName(text) }
        self.text = text
    }

    /// The collection whose header is in the database of this name; nil if none's is.
    init?(ofMeta database: String) {
        let suffix = "/" + Self.parts[0]
        if database == Self.parts[0] {
            text = Self.defaultText
        } else if database.hasSuffix(suffix), let name = try? CollectionName(String(database.dropLast(suffix.count))),
            !name.isDefault
        {
            self = name
        } else {
            return nil
        }
    }

    /// The default one first, then by name.
    static func < (a: CollectionName, b: CollectionName) -> Bool {
        a.isDefault || b.isDefault ? a.isDefault && !b.isDefault : a.text < b.text
    }

    private static func isValid(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= maximumBytes, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [UInt8(ascii: "-"), 0x2E, 0x5F].contains($0) }
    }
}
