import CodeFiles
import HashDB
import ImageCodes

/// Tells what a store has beside the codes: where an image is, or the text that came with a code.
struct ItemDescriber {
    private let roots: ImageRoots

    init(_ snapshot: borrowing Snapshot) throws {
        roots = try snapshot.imageRoots()
    }

    /// `path` and, of several, `paths`; or `name`; or nothing.
    func members(of id: UInt64, _ snapshot: borrowing Snapshot) throws -> [JSONValue.Member] {
        guard let payload = try snapshot.payload(of: id) else { return [] }
        if let name = CodeName(decoding: payload) { return [.init("name", .text(name.bytes))] }
        guard let record = try? ImageRecord(decoding: payload) else { return [] }
        return members(of: record)
    }

    func members(of record: ImageRecord) -> [JSONValue.Member] {
        let paths = roots.paths(of: record)
        guard let first = paths.first else { return [] }
        let path = JSONValue.Member("path", .text(first.bytes))
        return paths.count == 1 ? [path] : [path, .init("paths", .array(paths.map { .text($0.bytes) }))]
    }
}
