import CLMDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The environments that are open in this process, by the file they stand on.
///
/// LMDB's behaviour is undefined when a process opens one file twice: whoever asks for an open file gets the environment that is there.
enum EnvironmentRegistry {
    /// A file, whatever its name: two links to it are one.
    struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    private struct Entry {
        weak var environment: Environment?
    }

    private static let entries = Mutex<[FileIdentity: Entry]>([:])

    /// The open environment of `path`, or the one that `open` makes.
    static func environment(at path: String, open: () throws -> Environment) throws -> Environment {
        try entries.withLock { entries in
            if let identity = FileIdentity(path: path), let there = entries[identity]?.environment { return there }
            let new = try open()
            entries = entries.filter { $0.value.environment != nil }
            if let identity = FileIdentity(path: path) { entries[identity] = Entry(environment: new) }
            return new
        }
    }
}
