import Foundation

/// The trash of the desktop, as file managers show it (freedesktop.org, Trash specification 1.0).
///
/// A file goes to the trash of its own file system, so that nothing is copied: the home trash, or `.Trash/UID` or `.Trash-UID` at the top of
/// another disk.
package struct Trash: Sendable {
    /// Where the home trash is.
    package let home: ImagePath

    /// The user's trash; `home` takes the place of the one that the environment names.
    package init(
        home: ImagePath? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        // As the specification of base directories has it: only absolute paths count.
        func directory(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let user = directory("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
        let data = directory("XDG_DATA_HOME") ?? user + "/.local/share"
        self.home = home ?? ImagePath(data).appending("Trash".utf8)
    }

    /// The trash for a file on that file system, made where there is none.
    func destination(for path: ImagePath, device: UInt64) throws(Refusal) -> Destination {
        let (directory, top) = try directory(for: path, device: device)
        let (files, infos) = (directory.appending("files".utf8), directory.appending("info".utf8))
        for folder in [files, infos] { try Trash.make(folder) }
        return Destination(files: files, notes: .init(directory: infos, top: top))
    }

    /// The note of a file in a trash; `nil` where it lies in none.
    static func note(of file: ImagePath) -> ImagePath? {
        guard file.directory.name.elementsEqual("files".utf8) else { return nil }
        return file.directory.directory.appending("info".utf8).appending(file.name + Destination.noteEnding)
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
        if let status = shared.status(followsLinks: false), FileKind(mode: status.st_mode) == .directory,
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
        if let status = directory.status(followsLinks: true), FileKind(mode: status.st_mode) == .directory { return }
        if directory.bytes.count > 1, directory.directory != directory { try make(directory.directory) }
        guard directory.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
            throw Refusal("\(directory) cannot be made: \(systemMessage(errno))")
        }
    }

    private static func device(of directory: ImagePath) -> UInt64? {
        directory.status(followsLinks: true).map { FileNumber($0).device }
    }
}
