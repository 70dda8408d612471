import Foundation

/// What was done to files, a line of JSON each, written and brought to the disk before it is done.
///
/// The first line of each run says when it began, so that a run can be taken back by itself. Lines of former versions do not: those are one run.
public final class UndoLog {
    /// An act.
    struct Entry: Hashable {
        enum Action: String, Codable {
            case trash, move, link, delete
        }

        var action: Action
        /// Where the file was.
        var from: ImagePath
        /// Where it went; of a link, the file it became a name of.
        var to: ImagePath?
        /// The note in the trash.
        var info: ImagePath?
        /// What it held; of files that went with another unknown.
        var content: ImageContent?
        /// Of a file that went with another, how it looked; not in logs of former versions.
        var stamp: FileStamp?
        /// The hidden name under which it waited to be removed: there it is if the machine stopped just then.
        var aside: ImagePath?
        /// Of a file that became a link, what it had of its own.
        var attributes: FileAttributes?
    }

    /// What every line begins with, as keys are sorted.
    private static let beginning = Array("{\"action\":\"".utf8)

    /// Where the log is.
    public let path: ImagePath
    /// The store that knows the files.
    private let store: ImagePath
    private let descriptor: Int32
    /// When this run began; nil once a line says so.
    private var began: String? = Date().formatted(.iso8601)

    /// Opens a log, to which lines will be added; makes it where none is. `store` is the store that knows the files.
    ///
    /// - Throws: `ImageCodesError.unwritable`, also for what is no undo log, and while somebody else writes to it.
    public init(appendingTo path: ImagePath, store: ImagePath) throws {
        self.path = path
        self.store = store
        descriptor = path.withCString { open($0, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw unwritable(systemMessage(errno)) }
        // A file system that has no locks is no reason not to go on.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw unwritable("another hashdb apply writes to it")
        }
        try checkBeginning()
        try cutUnfinishedLine()
        path.absolute.directory.bringNamesToDisk()
    }

    /// What belongs to somebody is not written to: a report, a list, a picture.
    private func checkBeginning() throws {
        guard FileKind(mode: try status().st_mode) == .regular else { throw unwritable("it is not a file") }
        try checkIsLine(try bytes(at: 0).prefix(UndoLog.beginning.count))
    }

    private func checkIsLine(_ start: ArraySlice<UInt8>) throws {
        guard start.starts(with: UndoLog.beginning.prefix(start.count)) else {
            throw unwritable("it is not an undo log; choose another name")
        }
    }

    private func bytes(at offset: Int) throws -> [UInt8] {
        do {
            return try CheckedFile.bytes(descriptor, at: offset)
        } catch {
            throw unwritable("\(error)")
        }
    }

    /// Cuts off a last line without an end, which was never acted on: with another behind it, neither could be read.
    private func cutUnfinishedLine() throws {
        let size = try size()
        // A mebibyte: no line is as long.
        let end = try bytes(at: max(0, size - (1 << 20)))
        let line = end.suffix(from: end.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        try checkIsLine(line)
        guard line.isEmpty || ftruncate(descriptor, off_t(size - line.count)) == 0 else {
            throw unwritable(systemMessage(errno))
        }
    }

    private func size() throws -> Int { Int(try status().st_size) }

    private func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unwritable(systemMessage(errno)) }
        return status
    }

    private func unwritable(_ message: String) -> ImageCodesError {
        .unwritable(path: path.description, reason: message)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds a line and waits until the disk has it.
    func write(_ entry: Entry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = Line(entry, store)
        line.began = began
        var bytes = [UInt8](try encoder.encode(line))[...]
        bytes.append(UInt8(ascii: "\n"))
        let size = try size()
        do {
            try append(bytes)
        } catch {
            // Half a line would spoil the next one too.
            _ = ftruncate(descriptor, off_t(size))
            throw error
        }
        began = nil
    }

    private func append(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw unwritable(systemMessage(errno)) }
            rest = rest.dropFirst(written)
        }
        guard fsync(descriptor) == 0 else { throw unwritable(systemMessage(errno)) }
    }

    /// An act, and the store that knew the file.
    typealias Act = (entry: Entry, store: ImagePath?)

    /// Reads a log: the acts of each run, in the order in which they were done.
    ///
    /// - Throws: `ReportError` for a line that is none; a last line without an end is one that was never acted on.
    static func runs(in text: String, named name: String) throws -> [[Act]] {
        var runs: [[Act]] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.dropLast().enumerated() where !line.isEmpty {
            let decoded = try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
            guard let decoded, let entry = decoded.entry else {
                throw ReportError(
                    name: name, line: index + 1, reason: "not a line of an undo log",
                    advice: "give the file that hashdb apply named")
            }
            if runs.isEmpty || decoded.began != nil { runs.append([]) }
            runs[runs.count - 1].append((entry, decoded.store.flatMap { ReportPath.path($0) }))
        }
        return runs
    }

    private struct Line: Codable {
        var action: Entry.Action
        var began: String?
        var from: String
        var to: String?
        var info: String?
        var content: String?
        var size: UInt64?
        var modified: Int64?
        var store: String?
        var aside: String?
        var attributes: FileAttributes?

        init(_ entry: Entry, _ store: ImagePath) {
            self.store = ReportPath.text(store)
            action = entry.action
            from = ReportPath.text(entry.from)
            to = entry.to.map { ReportPath.text($0) }
            info = entry.info.map { ReportPath.text($0) }
            content = entry.content.map { "\($0.hash)" }
            size = entry.content?.size ?? entry.stamp?.size
            modified = entry.stamp?.modificationTime
            aside = entry.aside.map { ReportPath.text($0) }
            attributes = entry.attributes
        }

        private var stamp: FileStamp? {
            guard let size, let modified else { return nil }
            return FileStamp(size: size, modificationTime: modified)
        }

        var entry: Entry? {
            guard let from = ReportPath.path(from) else { return nil }
            let hash = content.flatMap { ContentHash(hexadecimal: $0) }
            guard (content == nil) == (hash == nil) else { return nil }
            return Entry(
                action: action, from: from, to: to.flatMap { ReportPath.path($0) },
                info: info.flatMap { ReportPath.path($0) },
                content: hash.flatMap { hash in size.map { ImageContent(hash: hash, size: $0) } }, stamp: stamp,
                aside: aside.flatMap { ReportPath.path($0) }, attributes: attributes)
        }
    }
}
