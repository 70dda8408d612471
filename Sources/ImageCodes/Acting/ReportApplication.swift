import Foundation
import HashDB

/// Does what a report of duplicates says, file by file, so that no mistake and no change since costs a picture.
///
/// Of each group at least one kept file must be there, unchanged, right before anything is done to another; a file is touched only if it is
/// the very one that the report means: the same inode, read again and hashed, under a name that still leads to it; and, where stores are given,
/// only if one of them knows it there. What fails a check is refused, with the reason, and nothing else is touched by that. Before each act a
/// line goes into the undo log.
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
    /// Where given, nothing is done to a file that none of them knows with the content that the report says: a report is a text, in which
    /// anybody may have written any path. The files that stay need not be known.
    public var stores: [Store]?
    /// Whether nothing is done, and only shown.
    public var isDryRun = true
    package var trash = Trash()
    /// Called right before a file is looked at for the last time and acted on; for tests.
    package var beforeAct: (DuplicateReport.Image) -> Void = { _ in }
    /// Called with a name between the last look at it and what is done to it; for tests.
    package var atLastMoment: (ImagePath) -> Void = { _ in }

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
        let all = Marked(groups)
        let directories = ListedDirectories()
        for images in groups {
            let kept = images.filter { $0.mark == .keep }
            let dropped = images.filter { $0.mark == .drop }
            let known = stores.map { KnownFiles(dropped, in: $0) }
            for image in dropped {
                let step = try step(image, kept: kept, of: all, known, directories, log)
                guard try each(step) else { return }
            }
        }
    }

    /// What stays and what goes, over all groups.
    struct Marked {
        let kept: Set<ImagePath>
        /// The files that these names led to.
        let keptFiles: Set<FileNumber>
        let dropped: Set<ImagePath>

        init(_ groups: [[DuplicateReport.Image]]) {
            let kept = groups.joined().filter { $0.mark == .keep }
            (self.kept, keptFiles) = (Set(kept.map(\.path)), Set(kept.map(\.file)))
            dropped = Set(groups.joined().filter { $0.mark == .drop }.map(\.path))
        }
    }

    /// The files of a group with the marks that count, and why they have them.
    private func marked(_ group: DuplicateReport.Group) -> [DuplicateReport.Image] {
        var images = group.images
        var (isDecidedAnew, reason) = (false, "marked keep")
        let first = images.first { $0.mark == .keep }?.content
        // What is kept for a reason of its own is for no rule to choose from.
        if let keep, images.count > 1, images.allSatisfy({ DuplicateReport.OwnReason(rawValue: $0.why) == nil }) {
            let choice = keep.choice(of: images)
            for index in images.indices { images[index].mark = index == choice.index ? .keep : .drop }
            (isDecidedAnew, reason) = (true, choice.why)
        }
        let kept = images.first { $0.mark == .keep }?.content
        for index in images.indices {
            let (image, sameBytes) = (images[index], DuplicateTier.sameBytes.rawValue)
            // A mark that somebody has changed leaves the reason of the other one behind.
            let isOfOtherMark = (image.mark == .keep) == (DuplicateTier(rawValue: image.why) != nil)
            guard isDecidedAnew || isOfOtherMark else { continue }
            images[index].why = image.mark == .keep ? reason : group.tier.rawValue
            // If it is not like the first one as it says, the group is not what it was, and nothing can be said for it.
            let isContradiction = image.why == sameBytes && image.content != first
            if image.mark == .drop, image.content == kept || isContradiction { images[index].why = sameBytes }
        }
        return images
    }

    private func step(
        _ image: DuplicateReport.Image, kept: [DuplicateReport.Image], of all: Marked, _ known: KnownFiles?,
        _ directories: ListedDirectories, _ log: UndoLog?
    ) throws -> Step {
        guard !kept.isEmpty else {
            return Step(
                image: image, kept: nil, outcome: .refused("no file of its group is marked keep, and one must stay"))
        }
        var step = Step(image: image, kept: kept[0], outcome: .planned)
        do {
            guard !all.kept.contains(image.path), !all.keptFiles.contains(image.file) else {
                throw Refusal("the report has it marked keep as well")
            }
            let file = try CheckedFile(image)
            try known?.check(image)
            let keeper = try openKept(kept, for: image, file)
            step.kept = keeper.image
            step.companions = try companions(of: image, keptAs: keeper.image, all, directories)
            if action == .hardLink, try !file.holdsSameBytes(as: keeper.file) {
                throw Refusal("its bytes are not those of \(keeper.image.path), so it cannot become a link of it")
            }
            guard !isDryRun, let log else { return step }
            beforeAct(image)
            try act(on: file, keeper.file, &step, log)
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
        _ kept: [DuplicateReport.Image], for image: DuplicateReport.Image, _ file: borrowing CheckedFile
    ) throws -> Keeper {
        // Where a group's first line was lost, those of two groups stand together.
        let isEqual = image.why == DuplicateTier.sameBytes.rawValue
        let able = kept.filter { !isEqual || $0.content == image.content }
        guard !able.isEmpty else {
            throw Refusal(
                "its line says same-bytes, and \(kept[0].path) holds other bytes; make the report anew, or write near")
        }
        var reason = ""
        for image in able {
            do throws(Refusal) {
                let found = try CheckedFile(image)
                guard found.seen.number != file.seen.number else {
                    throw Refusal("it is the same file by another name")
                }
                return Keeper(image: image, file: found)
            } catch {
                if reason.isEmpty { reason = "\(image.path), which was to stay, cannot be relied on: \(error)" }
            }
        }
        throw Refusal(reason)
    }
}
