/// The files of a directory with a folder for each class.
struct LabelledDirectory {
    /// A file that may be an image.
    struct File: Hashable {
        var path: ImagePath
        /// An index of `classNames`.
        var label: Int
        /// Whether it lies in the directory's part for tests.
        var isTest: Bool
    }

    /// Names of the classes, in the order of their bytes; a label is an index of it.
    private(set) var classNames: [String] = []
    /// Files, class by class, those for training first.
    private(set) var files: [File] = []
    /// Whether the directory tells which images are for tests.
    let hasParts: Bool

    /// Finds the classes and their files.
    ///
    /// - Throws: `ImageCodesError` if the directory cannot be read, has fewer than two folders, or its parts differ.
    init(at directory: ImagePath) throws {
        let arrangement = try Arrangement(of: directory)
        let names = try LabelledDirectory.folders(in: arrangement.training)
        classNames = names.map(LabelledDirectory.text)
        hasParts = arrangement.tests != .none
        guard names.count >= 2 else {
            throw ImageCodesError.tooFewClasses(path: directory.description, found: classNames)
        }
        files = try names.enumerated().flatMap { label, name in
            try LabelledDirectory.images(under: arrangement.training.appending(name)).map {
                File(path: $0, label: label, isTest: false)
            }
        }
        switch arrangement.tests {
        case .none: break
        case .folders(let tests):
            let others = try LabelledDirectory.folders(in: tests)
            guard others == names else {
                throw ImageCodesError.classesDiffer(
                    path: directory.description, onlyInTrain: LabelledDirectory.shown(names, without: others),
                    onlyInTest: LabelledDirectory.shown(others, without: names))
            }
            for (label, name) in names.enumerated() {
                files += try LabelledDirectory.images(under: tests.appending(name)).map {
                    File(path: $0, label: label, isTest: true)
                }
            }
        case .annotations(let list):
            files += try ValidationAnnotations(list).files(folders: names)
        }
        // Stable: files for training were put in before those for tests.
        files = files.enumerated().sorted { ($0.element.label, $0.offset) < ($1.element.label, $1.offset) }.map(
            \.element)
    }

    /// The images in a folder and below, in the walker's order.
    private static func images(under folder: ImagePath) throws -> [ImagePath] {
        var walker = try DirectoryWalker(roots: [folder])
        var paths: [ImagePath] = []
        while let event = walker.next() {
            if case .file(let file) = event { paths.append(file.path) }
        }
        return paths
    }

    /// The names of the folders in a directory, in the order of their bytes.
    static func folders(in directory: ImagePath) throws -> [[UInt8]] {
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
        return names.filter { !others.contains($0) }.map(text)
    }

    /// A folder's name as text; two that are not UTF-8 must not become one.
    private static func text(_ name: [UInt8]) -> String {
        String(validating: name, as: UTF8.self) ?? shownOnOneLine(name)
    }
}

/// Where a directory keeps its classes, and which of its images are for tests.
private struct Arrangement {
    enum Tests: Hashable {
        /// The directory does not say.
        case none
        /// A folder with the same folders of classes.
        case folders(ImagePath)
        /// A list of images and their classes, as Tiny ImageNet has it.
        case annotations(ImagePath)
    }

    var training: ImagePath
    var tests = Tests.none

    /// The directory itself holds the classes, or its `train` does, beside `test` or `val`.
    init(of directory: ImagePath) throws {
        training = directory
        let train = directory.appending("train".utf8)
        guard Self.holdsFolders(train) else { return }
        let list = directory.appending("val".utf8).appending(ValidationAnnotations.name.utf8)
        let candidates = ["test", "val"].map { directory.appending($0.utf8) }
        if (try? FileKind.look(at: list)) == .regular {
            (training, tests) = (train, .annotations(list))
        } else if let tests = candidates.first(where: Self.holdsFolders) {
            (training, self.tests) = (train, .folders(tests))
        }
    }

    private static func holdsFolders(_ directory: ImagePath) -> Bool {
        guard let inside = try? LabelledDirectory.folders(in: directory) else { return false }
        return !inside.isEmpty
    }
}
