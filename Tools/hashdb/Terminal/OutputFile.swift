import Foundation
import ImageCodes

/// A file that is to be written when the work is done, and whose place is looked at before.
struct OutputFile {
    /// Kinds of files, which take no other's place.
    enum Kind {
        case page, drawing, table, weights

        /// How all files of the kind begin, after some bytes.
        fileprivate var beginning: (text: String, offset: Int) {
            switch self {
            case .page: (Page.beginning, 0)
            case .drawing: ("<?xml", 0)
            case .table: ("codes,cut,", 0)
            case .weights: ("{\"", 8)
            }
        }
    }

    let path: String
    private let kind: Kind

    /// Throws where there is no folder to write to, or something else in the file's place: before hours of work, not after them.
    init(_ path: String, _ kind: Kind = .page) throws {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ToolError("\(path): cannot be written, as \(folder) is no folder that can be written to")
        }
        self.path = path
        self.kind = kind
        try checkPlace()
    }

    /// Writes the whole text or nothing.
    func write(_ text: String) throws {
        // Meanwhile a lock file may have come to be there.
        try checkPlace()
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ToolError("\(path): cannot be written: \((error as NSError).localizedDescription)")
        }
    }

    private func checkPlace() throws {
        try Page.checkPlace(path, isFreeOrBegins: kind.beginning.text, at: kind.beginning.offset)
    }

    /// Throws where a file that may take the place of others is a store or its lock file, by whatever name. Call it when the store is open,
    /// so that both are there.
    static func check(_ path: String, isNot store: String) throws {
        guard let place = place(path) else { return }
        let resolved = URL(fileURLWithPath: store).resolvingSymlinksInPath().path
        for (name, what) in [(resolved, "the store"), (resolved + "-lock", "the store's lock file")]
        where self.place(name) == place {
            throw ToolError("\(path): is \(what); choose another name")
        }
    }

    /// Which file a name stands for: its device and its number there.
    private static func place(_ path: String) -> [UInt64]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino)]
    }
}
