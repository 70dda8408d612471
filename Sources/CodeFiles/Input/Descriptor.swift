#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file descriptor, closed with its owner; reads and writes are whole or throw.
struct Descriptor: ~Copyable {
    let path: String
    private let number: Int32

    /// Opens `path` for reading; `-` is standard input.
    init(reading path: String) throws {
        if path == "-" {
            let number = dup(0)
            guard number >= 0 else { throw CodeFileError.last("standard input") }
            self.init(path: "standard input", number: number)
            return
        }
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw CodeFileError.last(path) }
        self.init(path: path, number: number)
    }

    /// Opens what is at `path` for writing, emptied.
    init(writing path: String) throws {
        let number = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard number >= 0 else { throw CodeFileError.last(path) }
        self.init(path: path, number: number)
    }

    /// Makes a file for writing where there is none; errors call it `name`. It has the permissions of the one that it will replace, if any:
    /// nobody may read it who may not read that.
    init(creating path: String, named name: String, permissions: mode_t?) throws {
        let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions ?? 0o666)
        guard number >= 0 else { throw CodeFileError.last(name) }
        // The process's mask may have taken some away.
        if let permissions { _ = fchmod(number, permissions) }
        self.init(path: name, number: number)
    }

    /// A descriptor that is open, and stays so when this goes; errors call it `name`.
    init(sharing open: Int32, named name: String) throws {
        let number = dup(open)
        guard number >= 0 else { throw CodeFileError.last(name) }
        self.init(path: name, number: number)
    }

    /// A file for reading and writing that has no name and goes with its descriptor.
    static func scratch() throws -> Descriptor {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/hashdb-XXXXXX".utf8CString)
        let number = mkstemp(&template)
        guard number >= 0 else { throw CodeFileError.last(folder) }
        unlink(template)
        return Descriptor(path: folder, number: number)
    }

    private init(path: String, number: Int32) {
        self.path = path
        self.number = number
    }

    deinit {
        _ = close(number)
    }

    /// The file's size, or nil where it is no regular file (a pipe has none).
    func regularSize() throws -> Int? {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw CodeFileError.last(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Up to `count` bytes; fewer only at the end of the file.
    func read(_ count: Int) throws -> [UInt8] {
        try filled(count) { rest, _ in readOnce(rest) }
    }

    /// What there is, up to `count` bytes; of a pipe what has come, and none only at the end.
    func readSome(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got = -1
            repeat { got = readOnce(UnsafeMutableRawBufferPointer(buffer)) } while got < 0 && isToBeRepeated(POLLIN)
            guard got >= 0 else { throw CodeFileError.last(path) }
            filled = got
        }
    }

    /// Whether a call that failed is to be made again: it was interrupted, or it would have had to wait, as it then does here. Whoever shares a
    /// standard stream may have made it such as never waits.
    private func isToBeRepeated(_ events: Int32) -> Bool {
        if errno == EINTR { return true }
        guard errno == EAGAIN else { return false }
        var place = pollfd(fd: number, events: Int16(events), revents: 0)
        poll(&place, 1, -1)
        return true
    }

    private func readOnce(_ room: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.read(number, room.baseAddress, room.count)
        #elseif canImport(Musl)
            Musl.read(number, room.baseAddress, room.count)
        #else
            Glibc.read(number, room.baseAddress, room.count)
        #endif
    }

    /// Up to `count` bytes from `offset` on, wherever the position is; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try filled(count) { rest, filled in pread(number, rest.baseAddress, rest.count, off_t(offset + filled)) }
    }

    /// Memory that is taken at a time: what a header announces costs none before it is there.
    private static let step = 1 << 26

    /// The bytes that a system call reads, again and again until all are there or the file ends. It gets the room that is left and how
    /// many bytes there are.
    private func filled(_ count: Int, _ read: (UnsafeMutableRawBufferPointer, Int) -> Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let (before, wanted) = (bytes.count, min(count - bytes.count, Self.step))
            let part = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                while filled < wanted {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let got = read(rest, before + filled)
                    if got < 0 && isToBeRepeated(POLLIN) { continue }
                    guard got >= 0 else { throw CodeFileError.last(path) }
                    if got == 0 { break }
                    filled += got
                }
            }
            // Nearly always there is but one, which needs no copy.
            if before == 0 { bytes = part } else { bytes += part }
            if part.count < wanted { break }
        }
        return bytes
    }

    /// Writes all of `bytes` at `offset`, wherever the position is.
    func write(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let put = bytes[done...].withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, off_t(offset + done)) }
            if put < 0 && isToBeRepeated(POLLOUT) { continue }
            guard put >= 0 else { throw CodeFileError.last(path) }
            done += put
        }
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                #if canImport(Darwin)
                    let put = Darwin.write(number, part.baseAddress, part.count)
                #elseif canImport(Musl)
                    let put = Musl.write(number, part.baseAddress, part.count)
                #else
                    let put = Glibc.write(number, part.baseAddress, part.count)
                #endif
                if put < 0 && isToBeRepeated(POLLOUT) { continue }
                guard put >= 0 else { throw CodeFileError.last(path) }
                rest = rest.dropFirst(put)
            }
        }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws {
        guard fsync(number) == 0 else { throw CodeFileError.last(path) }
    }
}

extension CodeFileError {
    /// The last error of the C library, for `path`.
    static func last(_ path: String) -> CodeFileError {
        let code = errno
        return .system(path: path, code: Int(code), reason: String(cString: strerror(code)))
    }
}
