import Foundation

/// Takes back what an undo log says was done, the last act first.
///
/// A file comes back only to a name that is free, and what has been undone before, or never came to be done, is passed over.
public struct Undoing {
    /// What became of an act.
    public struct Step: Sendable {
        /// How it went.
        public enum Outcome: Hashable, Sendable {
            /// The file is back, with this content where the log knows it.
            case restored(ImageContent?)
            /// There is nothing to take back: it has been, or was never done.
            case nothingToDo
            /// It cannot be taken back, for this reason.
            case refused(String)
        }

        /// Where the file was, and is again.
        public var path: ImagePath
        /// The store that knew it.
        public var store: ImagePath?
        /// How it went.
        public var outcome: Outcome
    }

    private let entries: [(entry: UndoLog.Entry, store: ImagePath?)]

    /// Reads the text of a log; `name` is for messages.
    ///
    /// - Throws: `ReportError`, which names the line.
    public init(parsing text: String, named name: String) throws {
        entries = try UndoLog.entries(in: text, named: name)
    }

    /// Takes back one act after the other.
    ///
    /// - Throws: what `each` throws.
    public func run(each: (Step) throws -> Void) throws {
        for (entry, store) in entries.reversed() {
            var step = Step(path: entry.from, store: store, outcome: .nothingToDo)
            do throws(Refusal) {
                step.outcome = try undo(entry)
            } catch {
                step.outcome = .refused("\(error)")
            }
            try each(step)
        }
    }

    private func undo(_ entry: UndoLog.Entry) throws(Refusal) -> Step.Outcome {
        switch (entry.action, entry.to) {
        case (.trash, let place?), (.move, let place?): try moveBack(entry, from: place)
        case (.link, let kept?): try unlink(entry, of: kept)
        case (.delete, _):
            if entry.from.status(followsLinks: false) == nil {
                throw Refusal("it was deleted for good")
            } else {
                .nothingToDo
            }
        default: .nothingToDo
        }
    }

    private func moveBack(_ entry: UndoLog.Entry, from place: ImagePath) throws(Refusal) -> Step.Outcome {
        guard let status = place.status(followsLinks: false) else { return .nothingToDo }
        // An empty file is the place that was made for it, before it came.
        guard status.st_size > 0 || entry.content?.size == 0 || entry.content == nil else { return .nothingToDo }
        guard try isWhatWent(place, status, entry.content) else {
            throw Refusal("\(place) is not what was put there any more")
        }
        // A link fails where the name is taken, and a plain rename would not.
        var failure = place.withCString { from in entry.from.withCString { link(from, $0) } } == 0 ? 0 : errno
        switch failure {
        case 0: _ = place.withCString { Foundation.unlink($0) }
        // A file system without links, or a file that this user may not make links of.
        case EPERM, ENOTSUP, EOPNOTSUPP: failure = place.rename(toFree: entry.from)
        default: break
        }
        switch failure {
        case 0: break
        case EEXIST: throw Refusal("something else has its name now; it is still \(place)")
        case ENOENT: throw Refusal("its directory is gone; it is still \(place)")
        default: throw Refusal("it cannot be moved back: \(systemMessage(failure)); it is still \(place)")
        }
        _ = entry.info?.withCString { Foundation.unlink($0) }
        return .restored(entry.content)
    }

    /// Whether this is a file with the content that the log has; of sidecars it has none.
    private func isWhatWent(
        _ place: ImagePath, _ status: stat, _ content: ImageContent?
    ) throws(Refusal) -> Bool {
        guard FileKind(mode: status.st_mode) == .regular else { return false }
        guard let content else { return true }
        guard UInt64(clamping: status.st_size) == content.size else { return false }
        if content.size == 0 { return true }
        do {
            let bytes = try FileContents.read(place, limit: .max, followLinks: false).bytes
            return ContentHash(of: bytes) == content.hash
        } catch {
            throw Refusal("it cannot be compared: \(error)")
        }
    }

    /// Makes a name of the kept file a file of its own again.
    private func unlink(_ entry: UndoLog.Entry, of kept: ImagePath) throws(Refusal) -> Step.Outcome {
        guard let ours = entry.from.status(followsLinks: false), let theirs = kept.status(followsLinks: false),
            FileNumber(ours) == FileNumber(theirs)
        else { return .nothingToDo }
        let copy = entry.from.directory.appending(Array(".\(UUID().uuidString).hashdb".utf8))
        do {
            let bytes = try FileContents.read(entry.from, limit: .max, followLinks: false).bytes
            _ = try createExclusively(copy, holding: bytes)
        } catch {
            throw Refusal("no copy can be made: \(error)")
        }
        #if canImport(Darwin)
            var times = [ours.st_atimespec, ours.st_mtimespec]
        #else
            var times = [ours.st_atim, ours.st_mtim]
        #endif
        _ = copy.withCString { utimensat(AT_FDCWD, $0, &times, 0) }
        _ = copy.withCString { chmod($0, ours.st_mode & 0o7777) }
        guard copy.withCString({ from in entry.from.withCString { rename(from, $0) } }) == 0 else {
            let message = systemMessage(errno)
            _ = copy.withCString { Foundation.unlink($0) }
            throw Refusal("it cannot be replaced: \(message)")
        }
        return .restored(nil)
    }
}
