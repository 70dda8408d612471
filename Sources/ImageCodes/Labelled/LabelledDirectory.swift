/// The files of a directory with a folder for each class.
struct LabelledDirectory {
    /// Names of the classes, in the order of their bytes; a label is an index of it.
    private(set) var classNames: [String] = []
    /// Files, class by class.
    private(set) var files: [(path: ImagePath, label: Int)] = []

    /// Finds the classes and their files.
    ///
    /// - Throws: `ImageCodesError` if the directory cannot be read, has fewer than two folders, or its parts differ.
    init(at directory: ImagePath) throws {
        let parts = try LabelledDirectory.parts(of: directory)
        let folders = try parts.map { try LabelledDirectory.folders(in: $0) }
        let names = folders[0]
        if folders.count == 2, folders[1] != names {
            throw ImageCodesError.classesDiffer(
                path: directory.description, onlyInTrain: LabelledDirectory.shown(names, without: folders[1]),
                onlyInTest: LabelledDirectory.shown(folders[1], without: names))
        }
        classNames = names.map { String(decoding: $0, as: UTF8.self) }
        guard names.count >= 2 else {
            throw ImageCodesError.tooFewClasses(path: directory.description, found: classNames)
        }
        for (label, name) in names.enumerated() {
            for part in parts {
                var walker = try DirectoryWalker(roots: [part.appending(name)])
                while let event = walker.next() {
                    if case .file(let file) = event { files.append((file.path, label)) }
                }
            }
        }
    }

    /// The directory, or its `train` and `test` if those hold the classes.
    private static func parts(of directory: ImagePath) throws -> [ImagePath] {
        let halves = [directory.appending("train".utf8), directory.appending("test".utf8)]
        let holdFolders = halves.allSatisfy { half in
            guard let inside = try? folders(in: half) else { return false }
            return !inside.isEmpty
        }
        return holdFolders ? halves : [directory]
    }

    private static func folders(in directory: ImagePath) throws -> [[UInt8]] {
        do {
            let listing = try DirectoryListing(of: directory)
            return (0..<listing.count).filter { index in
                let name = listing.name(at: index)
                if ImageNames.isHidden(name) || ImageNames.isTrash(name) { return false }
                return (listing.kind(at: index) ?? (try? FileKind.look(at: directory.appending(name)))) == .directory
            }.map { Array(listing.name(at: $0)) }
        } catch {
            throw ImageCodesError.unreadable(directory, error)
        }
    }

    private static func shown(_ names: [[UInt8]], without others: [[UInt8]]) -> [String] {
        let others = Set(others)
        return names.filter { !others.contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
