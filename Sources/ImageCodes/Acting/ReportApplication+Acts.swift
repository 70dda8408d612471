import Foundation

// What is done to a file.

extension ReportApplication {
    /// Does it, and notes in the step what became of the file and of those that belong to it.
    func act(
        on file: borrowing CheckedFile, _ kept: borrowing CheckedFile, _ step: inout Step, _ log: UndoLog
    ) throws {
        try checkOnceMore(file, kept)
        switch action {
        case .trash:
            try move(file, to: try trash.destination(for: file.path, device: file.seen.number.device), &step, log)
        case .move(let directory):
            try move(file, to: Destination(files: directory), &step, log)
        case .hardLink:
            try link(file, kept, step.image.content, log)
            step.outcome = .done(file.path)
        case .deletePermanently:
            try delete(file, kept, step.image.content, log)
            step.outcome = .done(nil)
        }
    }

    /// Looks whether both names still lead to the files that were read, and nobody has written to them since.
    private func checkOnceMore(_ file: borrowing CheckedFile, _ kept: borrowing CheckedFile) throws(Refusal) {
        guard file.isStillNamed else { throw Refusal("it was changed, or its name leads to another file now") }
        guard kept.isStillNamed else { throw Refusal("\(kept.path), which was to stay, has gone or was changed") }
    }

    private func move(
        _ file: borrowing CheckedFile, to destination: Destination, _ step: inout Step, _ log: UndoLog
    ) throws {
        let companions = step.companions
        let (place, names) = try destination.place(for: file.path, with: companions)
        try rename(file.path, file.seen, to: place, content: step.image.content, log)
        step.outcome = .done(place.file)
        step.companions = []
        for (companion, name) in zip(companions, names) {
            do {
                try move(companion, to: destination, named: name, log)
                step.companions.append(companion)
            } catch {
                step.leftBehind.append((companion, "\(error)"))
            }
        }
    }

    private func move(
        _ companion: ImagePath, to destination: Destination, named name: [UInt8], _ log: UndoLog
    ) throws {
        guard let status = companion.status(followsLinks: false), FileKind(mode: status.st_mode) == .regular else {
            throw Refusal("it is not a file any more")
        }
        guard let place = try destination.place(named: name, for: companion) else {
            throw Refusal("something else took its place")
        }
        try rename(companion, SeenFile(status), to: place, content: nil, log)
    }

    /// Renames a file; puts it back if the name led to another file in the last instant.
    private func rename(
        _ path: ImagePath, _ seen: SeenFile, to place: Destination.Place, content: ImageContent?, _ log: UndoLog
    ) throws {
        var isThere = false
        defer { if !isThere { place.forget() } }
        try log.write(
            .init(
                action: place.info == nil ? .move : .trash, from: path, to: place.file, info: place.info,
                content: content, stamp: content == nil ? seen.stamp : nil))
        atLastMoment(path)
        switch path.rename(toFree: place.file) {
        case 0: break
        case EXDEV:
            throw Refusal("\(place.file.directory) is on another file system; name a directory on the same one")
        case EEXIST: throw Refusal("something else took its place, \(place.file), at the last moment")
        case let code: throw Refusal("it cannot be moved: \(systemMessage(code))")
        }
        guard SeenFile(at: place.file) == seen else {
            let refusal = place.file.givenBack(to: path, "its name led to another file at the last moment")
            isThere = place.file.status(followsLinks: false) != nil
            throw refusal
        }
        isThere = true
    }

    /// Puts another name of the kept file in a file's place.
    private func link(
        _ file: borrowing CheckedFile, _ kept: borrowing CheckedFile, _ content: ImageContent, _ log: UndoLog
    ) throws {
        try kept.bringToDisk()
        let (new, aside) = (file.path.aside, file.path.aside)
        let linked = kept.path.withCString { from in new.withCString { Foundation.link(from, $0) } }
        guard linked == 0 else {
            throw Refusal(
                errno == EXDEV
                    ? "\(kept.path) is on another file system" : "no link can be made: \(systemMessage(errno))")
        }
        defer { _ = new.withCString { unlink($0) } }
        guard SeenFile(at: new) == kept.seen else {
            throw Refusal("\(kept.path) became another file at the last moment")
        }
        try log.write(
            .init(
                action: .link, from: file.path, to: kept.path, content: content, aside: aside,
                attributes: file.attributes))
        // That took its time, and what is replaced is gone.
        try checkOnceMore(file, kept)
        atLastMoment(file.path)
        try file.path.replace(file.seen, with: new, aside: aside)
    }

    private func delete(
        _ file: borrowing CheckedFile, _ kept: borrowing CheckedFile, _ content: ImageContent, _ log: UndoLog
    ) throws {
        try kept.bringToDisk()
        let aside = file.path.aside
        try log.write(.init(action: .delete, from: file.path, content: content, aside: aside))
        // That took its time, and this cannot be taken back.
        try checkOnceMore(file, kept)
        atLastMoment(file.path)
        try file.path.put(aside: aside, ifIs: file.seen)
        guard kept.isStillNamed else {
            throw aside.givenBack(to: file.path, "\(kept.path), which was to stay, has gone or was changed")
        }
        guard aside.withCString({ unlink($0) }) == 0 else {
            throw aside.givenBack(to: file.path, "it cannot be removed: \(systemMessage(errno))")
        }
    }
}
