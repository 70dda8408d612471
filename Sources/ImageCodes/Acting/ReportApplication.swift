import Foundation
import HashDB

/// Does what a report of duplicates says, file by file, so that no mistake and no change since costs a picture.
///
/// Of each group at least one kept file must be there, unchanged, right before anything is done to another; a file is touched only if it is
/// the very one that the report means: the same inode, read again and hashed, under a name that still leads to it. What fails a check is
/// refused, with the reason, and nothing else is touched by that. Before each act a line goes into the undo log.
public struct ReportApplication {
    /// What happens to files marked to be dropped.
    public enum Action: Hashable, Sendable {
        /// To the desktop's trash.
        case trash
        /// To a directory, on the same file system.
        case move(to: ImagePath)
        /// Replaced by another name of the kept file; only where all bytes are equal.
        case hardLink
        /// Removed for good.
        case deletePermanently
    }

    /// What became of a file.
    public struct Step: Sendable {
        /// How it went.
        public enum Outcome: Hashable, Sendable {
            /// Nothing, as this was to show what would be done.
            case planned
            /// Done; where the file is now, if it is anywhere.
            case done(ImagePath?)
            /// Not done, for this reason.
            case refused(String)
        }

        /// The file.
        public var image: DuplicateReport.Image
        /// The kept file that it would leave behind; nil where there is none.
        public var kept: DuplicateReport.Image?
        /// How it went.
        public var outcome: Outcome
        /// Files that belong to it and went with it, or would.
        public var companions: [ImagePath] = []
        /// Files that belong to it and should have gone with it, and why each did not.
        public var leftBehind: [(path: ImagePath, reason: String)] = []
    }

    /// What happens to files marked to be dropped.
    public var action: Action
    /// Where given, it decides anew what is kept, instead of the report's marks.
    public var keep: KeepRule?
    /// Whether nothing is done, and only shown.
    public var isDryRun = true
    package var trash = Trash()
    /// Called right before a file is acted on, between the last check and the act; for tests.
    package var beforeAct: (DuplicateReport.Image) -> Void = { _ in }

    /// An application that only shows what it would do, until `isDryRun` is false.
    public init(_ action: Action) {
        self.action = action
    }

    /// Goes through the report.
    ///
    /// - Parameters:
    ///   - report: groups of files, of which some are marked to be dropped.
    ///   - log: gets a line before each act; needed unless this is a dry run.
    ///   - each: called after each file; returns whether to go on.
    /// - Throws: what `each` throws, and what writing the log does.
    public func run(_ report: DuplicateReport, log: UndoLog?, each: (Step) throws -> Bool) throws {
        let groups = report.groups.map(marked)
        let all = Paths(groups)
        for images in groups {
            let kept = images.filter { $0.mark == .keep }
            for image in images where image.mark == .drop {
                let step = try step(image, kept: kept, of: all, log)
                guard try each(step) else { return }
            }
        }
    }

    /// What stays and what goes, over all groups.
    private struct Paths {
        let kept: Set<ImagePath>
        let dropped: Set<ImagePath>

        init(_ groups: [[DuplicateReport.Image]]) {
            func paths(_ mark: DuplicateReport.Mark) -> Set<ImagePath> {
                Set(groups.joined().filter { $0.mark == mark }.map(\.path))
            }
            (kept, dropped) = (paths(.keep), paths(.drop))
        }
    }

    /// The files of a group with the marks that count.
    private func marked(_ group: DuplicateReport.Group) -> [DuplicateReport.Image] {
        guard let keep, group.images.count > 1 else { return group.images }
        // What an archive or another file holds together stays.
        let free = group.images.filter { $0.why != "archive" && $0.why != "belongs" }
        guard free.count == group.images.count else { return group.images }
        let (best, why) = keep.choice(of: group.images)
        var images = group.images
        for index in images.indices { images[index].mark = index == best ? .keep : .drop }
        images[best].why = why
        return images
    }

    private func step(
        _ image: DuplicateReport.Image, kept: [DuplicateReport.Image], of all: Paths, _ log: UndoLog?
    ) throws -> Step {
        guard !kept.isEmpty else {
            return Step(
                image: image, kept: nil, outcome: .refused("no file of its group is marked keep, and one must stay"))
        }
        var step = Step(image: image, kept: kept[0], outcome: .planned)
        do {
            guard !all.kept.contains(image.path) else { throw Refusal("the report has it marked keep as well") }
            let file = try CheckedFile(image)
            let keeper = try openKept(kept, beside: file)
            step.kept = keeper.image
            step.companions = try companions(of: image, keptAs: keeper.image, all)
            if action == .hardLink, try !file.holdsSameBytes(as: keeper.file) {
                throw Refusal("its bytes are not those of \(keeper.image.path), so it cannot become a link of it")
            }
            guard !isDryRun, let log else { return step }
            beforeAct(image)
            try checkOnceMore(file, keeper.file)
            step.outcome = .done(try act(file, keeper.file, image, log))
            let planned = step.companions
            step.companions = []
            for companion in planned {
                do {
                    try moveAlong(companion, log)
                    step.companions.append(companion)
                } catch {
                    step.leftBehind.append((companion, "\(error)"))
                }
            }
        } catch let refusal as Refusal {
            step.outcome = .refused("\(refusal)")
            step.companions = []
        }
        return step
    }

    /// A file that stays, open.
    private struct Keeper: ~Copyable {
        let image: DuplicateReport.Image
        let file: CheckedFile
    }

    /// The first kept file that is there, unchanged, and is not the dropped file by another name.
    private func openKept(
        _ kept: [DuplicateReport.Image], beside file: borrowing CheckedFile
    ) throws -> Keeper {
        var reason = ""
        for image in kept {
            do throws(Refusal) {
                let found = try CheckedFile(image)
                guard found.number != file.number else { throw Refusal("it is the same file by another name") }
                return Keeper(image: image, file: found)
            } catch {
                if reason.isEmpty { reason = "\(image.path), which was to stay, cannot be relied on: \(error)" }
            }
        }
        throw Refusal(reason)
    }

    // MARK: What belongs together

    /// The files that go with a file: its sidecars, and raw files, films and other images of its name of which the kept file has equal ones.
    /// What belongs to the kept file too, as both have one name, stays with that.
    ///
    /// - Throws: `Refusal` where the kept file has no equal one, one is to be kept, or they could not be brought back.
    private func companions(
        of image: DuplicateReport.Image, keptAs kept: DuplicateReport.Image, _ all: Paths
    ) throws(Refusal) -> [ImagePath] {
        // A link leaves the name where it is.
        guard action != .hardLink else { return [] }
        let companions = Companions(of: image.path)
        // In one directory both find the same files under the same paths, even if the report names it in two ways.
        let keptPath =
            areOneDirectory(image.path.directory, kept.path.directory)
            ? image.path.directory.appending(kept.path.name) : kept.path
        let ofKept = Companions(of: keptPath)
        let sidecars = companions.sidecars.filter { isFile($0) && !ofKept.sidecars.contains($0) }
        let others = companions.others.filter {
            !all.dropped.contains($0) && $0 != keptPath && !ofKept.others.contains($0)
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
        return FileIdentity(one) == FileIdentity(other)
    }

    private func isFile(_ path: ImagePath) -> Bool {
        path.status(followsLinks: false).map { FileKind(mode: $0.st_mode) } == .regular
    }

    private func holdSameBytes(_ a: ImagePath, _ b: ImagePath) -> Bool {
        isFile(a) && isFile(b) && FileManager.default.contentsEqual(atPath: a.string, andPath: b.string)
    }

    private func moveAlong(_ companion: ImagePath, _ log: UndoLog) throws {
        var status = stat()
        guard companion.withCString({ lstat($0, &status) }) == 0, FileKind(mode: status.st_mode) == .regular else {
            throw Refusal("it is not a file any more")
        }
        let number = FileNumber(status)
        switch action {
        case .hardLink, .deletePermanently: return
        case .trash:
            let place = try trash.place(for: companion, device: number.device)
            try rename(companion, number, to: place.file, info: place.info, content: nil, log)
        case .move(let directory):
            let place = try free(companion.name, in: directory)
            try rename(companion, number, to: place, info: nil, content: nil, log)
        }
    }

    // MARK: Acts

    /// Looks whether both names still lead to the files that were read, and nobody has written to them since.
    private func checkOnceMore(_ file: borrowing CheckedFile, _ kept: borrowing CheckedFile) throws(Refusal) {
        guard file.isStillNamed else { throw Refusal("it was changed, or its name leads to another file now") }
        guard kept.isStillNamed else { throw Refusal("\(kept.path), which was to stay, has gone or was changed") }
    }

    private func act(
        _ file: borrowing CheckedFile, _ kept: borrowing CheckedFile, _ image: DuplicateReport.Image, _ log: UndoLog
    ) throws -> ImagePath? {
        switch action {
        case .trash:
            let place = try trash.place(for: image.path, device: file.number.device)
            try rename(image.path, file.number, to: place.file, info: place.info, content: image.content, log)
            return place.file
        case .move(let directory):
            let place = try free(image.path.name, in: directory)
            try rename(image.path, file.number, to: place, info: nil, content: image.content, log)
            return place
        case .hardLink:
            try link(file, kept, image, log)
            return image.path
        case .deletePermanently:
            try log.write(.init(action: .delete, from: image.path, to: nil, info: nil, content: image.content))
            // That took its time, and this cannot be taken back.
            try checkOnceMore(file, kept)
            guard image.path.withCString({ unlink($0) }) == 0 else {
                throw Refusal("it cannot be removed: \(systemMessage(errno))")
            }
            return nil
        }
    }

    /// Renames a file over an empty one of ours; puts it back if the name led to another file in the last instant.
    private func rename(
        _ path: ImagePath, _ number: FileNumber, to place: ImagePath, info: ImagePath?, content: ImageContent?,
        _ log: UndoLog
    ) throws {
        func forget() {
            _ = place.withCString { unlink($0) }
            _ = info?.withCString { unlink($0) }
        }
        do {
            try log.write(
                .init(action: info == nil ? .move : .trash, from: path, to: place, info: info, content: content))
        } catch {
            forget()
            throw error
        }
        let status = path.withCString { from in place.withCString { Foundation.rename(from, $0) } }
        guard status == 0 else {
            let code = errno
            forget()
            throw Refusal(
                code == EXDEV
                    ? "\(place.directory) is on another file system; name a directory on the same one"
                    : "it cannot be moved: \(systemMessage(code))")
        }
        var found = stat()
        guard place.withCString({ lstat($0, &found) }) == 0, FileNumber(found) == number else {
            // Whatever it is goes back, unless something has taken the name in turn; then it stays, and the log says where.
            if place.withCString({ from in path.withCString { Foundation.link(from, $0) } }) == 0 { forget() }
            throw Refusal("its name led to another file at the last moment")
        }
    }

    /// A new empty file of that name in a directory, or of a name like it.
    private func free(_ name: ArraySlice<UInt8>, in directory: ImagePath) throws(Refusal) -> ImagePath {
        for number in 1...10_000 {
            let place = directory.appending(number == 1 ? Array(name) : Array(name) + Array(".\(number)".utf8))
            if try createExclusively(place, holding: []) { return place }
        }
        throw Refusal("\(directory) has too many files of that name")
    }

    /// Puts another name of the kept file in a file's place, in one step.
    private func link(
        _ file: borrowing CheckedFile, _ kept: borrowing CheckedFile, _ image: DuplicateReport.Image, _ log: UndoLog
    ) throws {
        let new = image.path.directory.appending(Array(".\(UUID().uuidString).hashdb".utf8))
        let linked = kept.path.withCString { from in new.withCString { Foundation.link(from, $0) } }
        guard linked == 0 else {
            throw Refusal(
                errno == EXDEV
                    ? "\(kept.path) is on another file system" : "no link can be made: \(systemMessage(errno))")
        }
        defer { _ = new.withCString { unlink($0) } }
        var status = stat()
        guard new.withCString({ lstat($0, &status) }) == 0, FileNumber(status) == kept.number else {
            throw Refusal("\(kept.path) became another file at the last moment")
        }
        try log.write(.init(action: .link, from: image.path, to: kept.path, info: nil, content: image.content))
        // That took its time, and bytes that are replaced are gone.
        try checkOnceMore(file, kept)
        guard new.withCString({ from in image.path.withCString { Foundation.rename(from, $0) } }) == 0 else {
            throw Refusal("it cannot be replaced: \(systemMessage(errno))")
        }
    }
}
