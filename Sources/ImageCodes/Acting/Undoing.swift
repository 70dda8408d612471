import Foundation

/// Takes back what an undo log says was done, the last act first.
///
/// A file comes back only to a name that is free, and only if it is the one that went. What has been undone before, or was never begun, is
/// passed over. What was cut off halfway is taken back from where it stopped: a file that waits under a hidden name comes back from there,
/// also to a name that is a link of the kept file already. Where it cannot, that is said, and where the file is.
///
/// A log may have several runs of `apply`, also of weeks before: they are taken back all together, or the last one by itself.
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
        /// Of a restored file, what the log calls its note in the trash, where that stays: as it is none, or cannot be removed.
        public var leftNote: ImagePath?
    }

    /// Whether all runs of the log are taken back, or only the last one of which there is something left to take back.
    public var takesAllRuns = true
    private let runs: [[UndoLog.Act]]
    /// Called with a name between the last look at it and what is done to it; for tests.
    package var atLastMoment: (ImagePath) -> Void = { _ in }

    /// Reads the text of a log; `name` is for messages.
    ///
    /// - Throws: `ReportError`, which names the line.
    public init(parsing text: String, named name: String) throws {
        runs = try UndoLog.runs(in: text, named: name)
    }

    /// Takes back one act after the other.
    ///
    /// - Returns: how many earlier runs the log has, which were not looked at.
    /// - Throws: what `each` throws.
    @discardableResult
    public func run(each: (Step) throws -> Void) throws -> Int {
        for (number, run) in runs.enumerated().reversed() {
            let wasThereAny = try takeBack(run, each: each)
            if wasThereAny, !takesAllRuns { return number }
        }
        return 0
    }

    /// Takes back a run. Returns whether there was something that can come back, also where it could not now.
    private func takeBack(_ run: [UndoLog.Act], each: (Step) throws -> Void) throws -> Bool {
        var wasThereAny = false
        for (entry, store) in run.reversed() {
            var step = Step(path: entry.from, store: store, outcome: .nothingToDo)
            do throws(Refusal) {
                step.outcome = try undo(entry)
                if case .restored = step.outcome {
                    wasThereAny = true
                    if !removeNote(of: entry) { step.leftNote = entry.info }
                }
            } catch {
                step.outcome = .refused("\(error)")
                wasThereAny = true
            }
            try each(step)
        }
        return wasThereAny
    }

    /// Takes back an act. What is lost for good is refused as an outcome; an error is thrown where somebody can clear the way.
    private func undo(_ entry: UndoLog.Entry) throws(Refusal) -> Step.Outcome {
        if let aside = entry.aside, let status = aside.status(followsLinks: false),
            let outcome = try bringBack(entry, from: aside, status)
        {
            return outcome
        }
        let isThere = entry.from.status(followsLinks: false) != nil
        switch (entry.action, entry.to) {
        case (.trash, let place?), (.move, let place?):
            if place.status(followsLinks: false) != nil { return try moveBack(entry, from: place) }
            if !isThere { return .refused("it is gone: \(place) is not there any more") }
        case (.link, let kept?):
            if !isThere { return .refused("it is gone; the file that it was a name of is \(kept)") }
            return try separate(entry, from: kept)
        case (.delete, _):
            if !isThere { return .refused("it was deleted for good") }
        default: break
        }
        return .nothingToDo
    }

    /// Brings back what waits under the hidden name. Returns nil where this only leads to what is usual after a link was made.
    private func bringBack(
        _ entry: UndoLog.Entry, from aside: ImagePath, _ status: stat
    ) throws(Refusal) -> Step.Outcome? {
        guard entry.action == .link, let kept = entry.to?.status(followsLinks: false) else {
            return try moveBack(entry, from: aside)
        }
        let ours = entry.from.status(followsLinks: false)
        if FileNumber(status) == FileNumber(kept) {
            // It is the link, and what stopped was the way back.
            guard ours == nil else {
                if kept.st_nlink > 1 { _ = aside.withCString { unlink($0) } }
                return nil
            }
            let failure = aside.rename(toFree: entry.from)
            guard failure == 0 else {
                throw Refusal("it cannot be moved back: \(systemMessage(failure)); it is still \(aside)")
            }
            return nil
        }
        guard let ours, FileNumber(ours) == FileNumber(kept) else { return try moveBack(entry, from: aside) }
        guard try isWhatWent(aside, status, entry) else {
            throw Refusal("\(aside) is not what was put there any more")
        }
        atLastMoment(entry.from)
        try entry.from.replace(SeenFile(ours), with: aside, aside: entry.from.aside)
        return .restored(nil)
    }

    private func moveBack(_ entry: UndoLog.Entry, from place: ImagePath) throws(Refusal) -> Step.Outcome {
        guard let status = place.status(followsLinks: false) else { return .nothingToDo }
        // An empty file is the place that former versions made for it, before it came.
        if status.st_size == 0, entry.content.map({ $0.size != 0 }) ?? (entry.stamp == nil),
            entry.from.status(followsLinks: false) != nil
        {
            return .nothingToDo
        }
        guard try isWhatWent(place, status, entry) else {
            // Something else took the place before the file came there.
            if place == entry.to, let there = entry.from.status(followsLinks: false),
                try isWhatWent(entry.from, there, entry)
            {
                return .nothingToDo
            }
            throw Refusal("\(place) is not what was put there any more")
        }
        atLastMoment(place)
        // A link fails where the name is taken, and a plain rename would not.
        var failure = place.withCString { from in entry.from.withCString { link(from, $0) } } == 0 ? 0 : errno
        // The machine may have stopped right here the last time. One name in two ways is none too many, though.
        if failure == EEXIST, areOneFile(place, entry.from) { failure = 0 }
        switch failure {
        case 0: _ = place.withCString { unlink($0) }
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
        return .restored(entry.content)
    }

    /// Removes the note that a restored file had in the trash. Returns false where something is left: a log may name anything.
    private func removeNote(of entry: UndoLog.Entry) -> Bool {
        guard let info = entry.info, info.status(followsLinks: false) != nil else { return true }
        let beginning = Destination.noteBeginning.utf8
        guard let place = entry.to, place.status(followsLinks: false) == nil, info == Trash.note(of: place),
            let note = FileParts(info), note.bytes(at: 0, count: beginning.count).elementsEqual(beginning)
        else { return false }
        return info.withCString { unlink($0) } == 0
    }

    /// Whether these are two names of one file, as they are now.
    private func areOneFile(_ one: ImagePath, _ other: ImagePath) -> Bool {
        guard let one = one.status(followsLinks: false), let other = other.status(followsLinks: false) else {
            return false
        }
        return FileNumber(one) == FileNumber(other) && other.st_nlink > 1
    }

    /// Whether this is a file with the content that the log has; of one that went with another, with the size and time. Former versions
    /// noted nothing of these.
    private func isWhatWent(
        _ place: ImagePath, _ status: stat, _ entry: UndoLog.Entry
    ) throws(Refusal) -> Bool {
        guard FileKind(mode: status.st_mode) == .regular else { return false }
        guard let content = entry.content else { return entry.stamp.map { $0 == FileStamp(status) } ?? true }
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
    private func separate(_ entry: UndoLog.Entry, from kept: ImagePath) throws(Refusal) -> Step.Outcome {
        guard let ours = entry.from.status(followsLinks: false), let theirs = kept.status(followsLinks: false),
            FileNumber(ours) == FileNumber(theirs)
        else { return .nothingToDo }
        let bytes: [UInt8]
        do {
            bytes = try FileContents.read(entry.from, limit: .max, followLinks: false).bytes
        } catch {
            throw Refusal("it cannot be read: \(error.reason)")
        }
        guard entry.content.map({ $0.hash == ContentHash(of: bytes) }) ?? true else {
            return .refused("it was changed together with \(kept) since, and what it held before is gone")
        }
        let copy = entry.from.aside
        defer { _ = copy.withCString { unlink($0) } }
        guard try createExclusively(copy, holding: bytes) else { throw Refusal("\(copy) is there") }
        // Logs of former versions do not have what was its own; then it is that of the kept file.
        try finish(copy, entry.attributes ?? FileAttributes(ours))
        atLastMoment(entry.from)
        // Under the name in the log the link is found, if the machine stops just then.
        try entry.from.replace(SeenFile(ours), with: copy, aside: entry.aside ?? entry.from.aside)
        return .restored(nil)
    }

    /// Gives a copy what its file had of its own, and brings it to the disk before anything is removed for it.
    private func finish(_ copy: ImagePath, _ attributes: FileAttributes) throws(Refusal) {
        let descriptor = copy.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw Refusal("no copy can be made: \(systemMessage(errno))") }
        defer { close(descriptor) }
        attributes.give(to: descriptor)
        guard fsync(descriptor) == 0 else { throw Refusal("no copy can be made: \(systemMessage(errno))") }
    }
}
