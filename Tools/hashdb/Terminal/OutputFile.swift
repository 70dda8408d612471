import ArgumentParser
import CodeFiles
import Foundation
import ImageCodes

/// A file that is to be written when the work is done, and whose place is looked at before.
struct OutputFile {
    let path: String
    private let kind: WholeFile.Kind

    /// Throws where there is no folder to write to, or something else in the file's place: before hours of work, not after them.
    init(_ path: String, _ kind: WholeFile.Kind = .page) throws {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ToolError("\(path): cannot be written, as \(folder) is no folder that can be written to")
        }
        try WholeFile.checkPlace(path, kind)
        self.path = path
        self.kind = kind
    }

    /// Writes the whole text or nothing. The place is looked at again: meanwhile a lock file may have come to be there.
    func write(_ text: String) throws {
        try WholeFile.write(to: path, kind) { $0.append(text) }
    }

    /// Throws where a file that may take the place of others is a store or its lock file, by whatever name. Call it when the store is open,
    /// so that both are there.
    static func check(_ path: String, isNot store: String) throws {
        guard let file = file(at: path) else { return }
        let resolved = URL(fileURLWithPath: store).resolvingSymlinksInPath().path
        for (name, what) in [(resolved, "the store"), (resolved + "-lock", "the store's lock file")]
        where self.file(at: name) == file {
            throw ToolError("\(path): is \(what); choose another name")
        }
    }

    /// Throws where two names stand for one file, by whatever links, and also where there is none yet.
    static func checkAreDifferent(_ files: KeyValuePairs<String, String?>) throws {
        var places: [(use: String, place: OutputPlace)] = []
        for (use, path) in files {
            guard let path, let place = try? OutputPlace(path) else { continue }
            if let other = places.first(where: { $0.place.isSame(as: place) }) {
                throw ValidationError("\(path) is named for \(other.use) and for \(use); name two files")
            }
            places.append((use, place))
        }
    }

    private static func file(at path: String) -> FileNumber? {
        ImagePath(path).status(followsLinks: true).map { FileNumber($0) }
    }
}

extension WholeFile.Kind {
    static let drawing = Self(beginning: "<?xml")
    static let table = Self(beginning: "codes,cut,")
    static let weights = Self(beginning: "{\"", offset: 8)
}
