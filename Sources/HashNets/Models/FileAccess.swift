import Foundation

/// Why a file could not be read or written, in the system's words.
struct FileFailure: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    /// Tells what the system's last error means.
    static func system(_ action: String) -> FileFailure {
        FileFailure("\(action): \(String(cString: strerror(errno)))")
    }
}

/// Reads a regular file whole, at most `largest` bytes. Pipes and devices, which may never end, are refused.
func readRegularFile(_ path: String, largest: Int) throws(FileFailure) -> [UInt8] {
    try readRegularFile(path, largest: largest, first: largest).bytes
}

/// Reads no more than the first bytes, and tells how many there are.
func readRegularFile(
    _ path: String, largest: Int, first: Int
) throws(FileFailure) -> (bytes: [UInt8], size: Int) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure.system("it cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFailure.system("it cannot be examined") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileFailure("it is not a regular file") }
    guard status.st_size <= largest else { throw FileFailure("it has more than \(largest) bytes") }
    let size = Int(status.st_size)
    var bytes = [UInt8](repeating: 0, count: min(size, first))
    var filled = 0
    while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileFailure.system("it cannot be read") }
        guard count > 0 else { throw FileFailure("it became shorter while it was read") }
        filled += count
    }
    return (bytes, size)
}

/// Puts a file in the place of what was at `path`: written beside it, made durable, then renamed.
///
/// The name beside it cannot be foreseen: where others may write too, one could have made a link there that leads elsewhere.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
    let temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 16)).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileFailure.system("it cannot be created") }
    do throws(FileFailure) {
        try writeDurably(bytes, to: descriptor)
        guard rename(temporary, path) == 0 else { throw FileFailure.system("it cannot be put in place") }
    } catch {
        unlink(temporary)
        throw error
    }
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
        fsync(folder)
        close(folder)
    }
}

/// Writes all bytes and waits for the disk; closes the descriptor.
private func writeDurably(_ bytes: [UInt8], to descriptor: Int32) throws(FileFailure) {
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw FileFailure.system("it cannot be written") }
        written += count
    }
    guard fsync(descriptor) == 0 else { throw FileFailure.system("it cannot be made durable") }
}
