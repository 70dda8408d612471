import Foundation

// What belongs together.

extension ReportApplication {
    /// The files that go with a file: its sidecars, and raw files, films and other images of its name of which the kept file has equal ones.
    /// What belongs to the kept file too, as both have one name, stays with that.
    ///
    /// - Throws: `Refusal` where the kept file has no equal one, one is to be kept, or they could not be brought back.
    func companions(
        of image: DuplicateReport.Image, keptAs kept: DuplicateReport.Image, _ all: Marked,
        _ directories: ListedDirectories
    ) throws(Refusal) -> [ImagePath] {
        // A link leaves the name where it is.
        guard action != .hardLink else { return [] }
        let companions = directories.companions(of: image.path)
        // In one directory both find the same files under the same paths, even if the report names it in two ways.
        let keptPath =
            areOneDirectory(image.path.directory, kept.path.directory)
            ? image.path.directory.appending(kept.path.name) : kept.path
        let ofKept = directories.companions(of: keptPath)
        let sidecars = companions.sidecars.filter { isFile($0) && !ofKept.sidecars.contains($0) }
        let others = companions.others.filter {
            !all.dropped.contains($0) && $0 != keptPath && !ofKept.others.contains($0)
                && $0.status(followsLinks: false) != nil
        }
        if let first = (sidecars + others).first(where: { all.kept.contains($0) }) {
            throw Refusal("it belongs together with \(first), which is marked keep")
        }
        // One that is dropped itself is none to rely on.
        let equals = ofKept.others.filter { !all.dropped.contains($0) }
        for other in others where !equals.contains(where: { holdSameBytes(other, $0) }) {
            throw Refusal("it belongs together with \(other), and \(kept.path) has no such file")
        }
        if action == .deletePermanently, let first = (sidecars + others).first {
            throw Refusal("\(first) belongs to it, and would be alone; use --trash or --move-to, which take both")
        }
        return sidecars + others
    }

    private func areOneDirectory(_ a: ImagePath, _ b: ImagePath) -> Bool {
        guard let one = a.status(followsLinks: true), let other = b.status(followsLinks: true) else { return false }
        return FileNumber(one) == FileNumber(other)
    }

    private func isFile(_ path: ImagePath) -> Bool {
        path.status(followsLinks: false).map { FileKind(mode: $0.st_mode) } == .regular
    }

    private func holdSameBytes(_ a: ImagePath, _ b: ImagePath) -> Bool {
        isFile(a) && isFile(b) && FileManager.default.contentsEqual(atPath: a.string, andPath: b.string)
    }
}

/// What was in directories when they were first asked for: to list one anew for each of its files would take ever longer. What has gone from
/// there since is for who asks to notice.
final class ListedDirectories {
    private static let most = 64
    private var listed: [ImagePath: Companions.NamesByStem] = [:]

    func companions(of path: ImagePath) -> Companions {
        Companions(of: path, among: names(in: path.directory))
    }

    private func names(in directory: ImagePath) -> Companions.NamesByStem {
        if let names = listed[directory] { return names }
        if listed.count >= Self.most { listed = [:] }
        let names = Companions.NamesByStem(in: directory)
        listed[directory] = names
        return names
    }
}
