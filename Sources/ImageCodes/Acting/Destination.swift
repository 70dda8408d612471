import Foundation

/// Where files go: a directory, or a trash, which has a note for each file.
struct Destination {
    /// A free name, and in a trash the note that tells where the file was, which is there already.
    struct Place {
        var file: ImagePath
        var info: ImagePath?

        /// Removes the note.
        func forget() {
            _ = info?.withCString { unlink($0) }
        }
    }

    /// What a trash has beside the files.
    struct Notes {
        let directory: ImagePath
        /// The top of the disk, at which the paths of notes begin; nil in the home trash, where they are absolute.
        let top: ImagePath?
    }

    static let noteEnding = Array(".trashinfo".utf8)
    static let noteBeginning = "[Trash Info]"
    private static let longestName = 255

    let files: ImagePath
    var notes: Notes?

    /// A place for a file, and the names that those that go with it are to have there.
    func place(
        for path: ImagePath, with companions: [ImagePath]
    ) throws(Refusal) -> (place: Place, names: ArraySlice<[UInt8]>) {
        let limit = Destination.longestName - (notes == nil ? 0 : Destination.noteEnding.count)
        let names = NewNames(of: path, with: companions, limit: limit)
        for number in 1...10_000 {
            let all = names.numbered(number)
            guard all.dropFirst().allSatisfy(isFree), let place = try place(named: all[0], for: path) else { continue }
            return (place, all.dropFirst())
        }
        throw Refusal("\(files) has too many files of that name")
    }

    /// A place of that name for a file; nil where the name is taken.
    func place(named name: [UInt8], for path: ImagePath) throws(Refusal) -> Place? {
        guard isFree(name) else { return nil }
        guard let notes else { return Place(file: files.appending(name)) }
        // It reserves the name, as the specification has it. It has the whole path, whatever the name.
        let info = notes.directory.appending(name + Destination.noteEnding)
        let shown = notes.top.map { path.relative(to: $0) } ?? path
        let lines = ["Path=\(shown.percentEncoded)", "DeletionDate=\(Destination.text(of: Date()))"]
        let note = ([Destination.noteBeginning] + lines).map { "\($0)\n" }.joined()
        return try createExclusively(info, holding: Array(note.utf8))
            ? Place(file: files.appending(name), info: info) : nil
    }

    private func isFree(_ name: [UInt8]) -> Bool {
        let note = notes?.directory.appending(name + Destination.noteEnding)
        return files.appending(name).status(followsLinks: false) == nil && note?.status(followsLinks: false) == nil
    }

    /// Local time without a zone, as the specification has it.
    private static func text(of date: Date) -> String {
        let parts = Calendar(identifier: .gregorian).dateComponents(in: .current, from: date)
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = "\(number ?? 0)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2))T"
            + "\(digits(parts.hour, 2)):\(digits(parts.minute, 2)):\(digits(parts.second, 2))"
    }
}

/// Makes a file that was not there; false where there is something.
func createExclusively(_ path: ImagePath, holding bytes: [UInt8]) throws(Refusal) -> Bool {
    let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    guard descriptor >= 0 else {
        if errno == EEXIST { return false }
        throw Refusal("\(path) cannot be made: \(systemMessage(errno))")
    }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
            let message = systemMessage(errno)
            _ = path.withCString { unlink($0) }
            throw Refusal("\(path) cannot be written: \(message)")
        }
        rest = rest.dropFirst(written)
    }
    return true
}
