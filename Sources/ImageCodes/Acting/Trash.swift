import Foundation

/// The trash of the desktop, as file managers show it (freedesktop.org, Trash specification 1.0).
///
/// A file goes to the trash of its own file system, so that nothing is copied: the home trash, or `.Trash/UID` or `.Trash-UID` at the top of
/// another disk.
package struct Trash: Sendable {
    /// Where the home trash is.
    private let home: ImagePath

    /// The user's trash; `home` takes the place of the one that the environment names.
    package init(home: ImagePath? = nil) {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        self.home =
            home
            ?? ImagePath(data ?? FileManager.default.homeDirectoryForCurrentUser.path + "/.local/share")
            .appending("Trash".utf8)
    }

    /// A place in a trash that belongs to the caller, with the note that tells where the file was.
    struct Place {
        /// An empty file, to be replaced by the one that is thrown away.
        var file: ImagePath
        /// The note.
        var info: ImagePath
    }

    /// Makes a place for a file in the trash of its file system.
    func place(for path: ImagePath, device: UInt64, now: Date = Date()) throws(Refusal) -> Place {
        let (directory, top) = try directory(for: path, device: device)
        let (files, infos) = (directory.appending("files".utf8), directory.appending("info".utf8))
        for folder in [files, infos] { try Trash.make(folder) }
        let shown = top.map { path.relative(to: $0) } ?? path
        let note = "[Trash Info]\nPath=\(shown.percentEncoded)\nDeletionDate=\(Trash.text(of: now))\n"
        for number in 1...10_000 {
            // The note reserves the name, as the specification has it.
            let name = number == 1 ? Array(path.name) : Array(path.name) + Array(".\(number)".utf8)
            let info = infos.appending(name + Array(".trashinfo".utf8))
            guard try createExclusively(info, holding: Array(note.utf8)) else { continue }
            let file = files.appending(name)
            if try createExclusively(file, holding: []) { return Place(file: file, info: info) }
            _ = info.withCString { unlink($0) }
        }
        throw Refusal("the trash \(directory) has too many files of that name")
    }

    // MARK: Which trash

    /// The trash of a file, and the top of the disk where it is not the home trash.
    private func directory(for path: ImagePath, device: UInt64) throws(Refusal) -> (ImagePath, top: ImagePath?) {
        try Trash.make(home)
        if Trash.device(of: home) == device { return (home, nil) }
        var top = path.directory
        while top.bytes.count > 1, Trash.device(of: top.directory) == device { top = top.directory }
        let user = getuid()
        let shared = top.appending(".Trash".utf8)
        var status = stat()
        if shared.withCString({ lstat($0, &status) }) == 0, FileKind(mode: status.st_mode) == .directory,
            status.st_mode & S_ISVTX != 0
        {
            let own = shared.appending("\(user)".utf8)
            if (try? Trash.make(own)) != nil, Trash.isOurs(own) { return (own, top) }
        }
        let own = top.appending(".Trash-\(user)".utf8)
        do throws(Refusal) {
            try Trash.make(own)
        } catch {
            throw Refusal("its disk has no trash and none can be made (\(error)); move files with --move-to")
        }
        guard Trash.isOurs(own) else {
            throw Refusal("the trash \(own) belongs to somebody else; move files with --move-to")
        }
        return (own, top)
    }

    /// Whether this is the user's own directory, and no link: at the top of a disk anyone may have made it.
    package static func isOurs(_ directory: ImagePath) -> Bool {
        guard let status = directory.status(followsLinks: false) else { return false }
        return status.st_uid == getuid() && FileKind(mode: status.st_mode) == .directory
    }

    private static func make(_ directory: ImagePath) throws(Refusal) {
        var status = stat()
        if directory.withCString({ stat($0, &status) }) == 0, FileKind(mode: status.st_mode) == .directory { return }
        if directory.bytes.count > 1, directory.directory != directory { try make(directory.directory) }
        guard directory.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
            throw Refusal("\(directory) cannot be made: \(systemMessage(errno))")
        }
    }

    private static func device(of directory: ImagePath) -> UInt64? {
        var status = stat()
        return directory.withCString { stat($0, &status) } == 0 ? FileNumber(status).device : nil
    }

    // MARK: The note

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
