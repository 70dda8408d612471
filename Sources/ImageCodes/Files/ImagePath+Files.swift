import CFileSystem
import Foundation

extension ImagePath {
    /// The path as the system resolves it: absolute, without symbolic links, `.` and `..`.
    ///
    /// - Throws: `ImageCodesError.notFound` or `.unreadable`.
    public func resolved() throws -> ImagePath {
        guard let resolved = withCString({ realpath($0, nil) }) else {
            throw ImageCodesError.unreadable(self, SystemError(code: errno))
        }
        defer { free(resolved) }
        let length = strlen(resolved)
        return resolved.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
            ImagePath(bytes: Array(UnsafeBufferPointer(start: bytes, count: length)))
        }
    }

    /// The same of a path that may lead nowhere any more: what is there of it is resolved, and the rest is as it was named.
    package func resolvedAsFarAsThere() -> ImagePath {
        if let resolved = try? resolved() { return resolved }
        let path = absolute
        guard path.bytes.count > 1 else { return path }
        return path.directory.resolvedAsFarAsThere().appending(path.name)
    }

    /// What the system knows of a file; `nil`, with the reason in `errno`, if it may not be looked at.
    package func status(followsLinks: Bool) -> stat? {
        var status = stat()
        let result = withCString { followsLinks ? stat($0, &status) : lstat($0, &status) }
        return result == 0 ? status : nil
    }

    /// Gives the file another name, unless something has that already: `EEXIST`. Returns the system's error, 0 where it is done.
    package func rename(toFree new: ImagePath) -> Int32 {
        withCString { from in new.withCString { cfilesystem_rename_to_free(from, $0) } }
    }

    /// Waits until the disk has the names in this directory, as far as its file system lets one: after a loss of power a file can be gone whose
    /// name has not come there.
    func bringNamesToDisk() {
        let directory = withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { return }
        defer { close(directory) }
        // Some file systems cannot do that, or do it by themselves.
        _ = fsync(directory)
    }

    /// Whether there is surely no file; one that may not be looked at is taken to be there.
    var isVanished: Bool {
        // A link counts as what it leads to: it was followed when the image was recorded.
        if let status = status(followsLinks: true) { return FileKind(mode: status.st_mode) != .regular }
        return SystemError(code: errno).isAbsence || errno == ELOOP
    }

    /// Whether this is a directory in which there is anything: where a disk is not mounted, there is nothing.
    var holdsEntries: Bool {
        guard let directory = withCString({ opendir($0) }) else { return false }
        defer { closedir(directory) }
        var entries = 0
        while entries < 3, readdir(directory) != nil { entries += 1 }
        // `.` and `..` are always there.
        return entries == 3
    }

    /// The path from `/` on, without looking at what is there.
    var absolute: ImagePath {
        var components: [ArraySlice<UInt8>] = []
        let here = Array(FileManager.default.currentDirectoryPath.utf8)
        for component in (bytes.first == ImagePath.slash ? bytes : here + [ImagePath.slash] + bytes)
            .split(separator: ImagePath.slash) where !component.elementsEqual([ImagePath.dot])
        {
            if component.elementsEqual([ImagePath.dot, ImagePath.dot]) {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return ImagePath(bytes: [ImagePath.slash] + components.joined(separator: [ImagePath.slash]))
    }

    /// Those of some paths that lie within no other.
    static func outermost(_ paths: [ImagePath]) -> [ImagePath] {
        let all = Set(paths)
        return paths.filter { path in
            // A path that ends above any `/` of this one's.
            path.bytes.indices.allSatisfy { index in
                guard path.bytes[index] == slash, path.bytes.count > 1 else { return true }
                return !all.contains(ImagePath(bytes: index == 0 ? [slash] : Array(path.bytes[..<index])))
            }
        }
    }

    /// The directory that absolute paths have in common; `nil` if there are none.
    static func deepestDirectory(above files: [ImagePath]) -> ImagePath? {
        guard let first = files.first else { return nil }
        var common = Array(first.bytes.split(separator: slash).dropLast())
        for file in files.dropFirst() {
            let components = file.bytes.split(separator: slash).dropLast()
            common = Array(zip(common, components).prefix { $0.elementsEqual($1) }.map(\.0))
        }
        return ImagePath(bytes: [slash] + common.joined(separator: [slash]))
    }
}

/// An error number of the system.
struct SystemError: Error, CustomStringConvertible {
    var code: Int32

    /// Whether it says that there is no such file.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR }

    var description: String { systemMessage(code) }
}
