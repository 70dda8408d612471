/// The directory of a ZIP archive (PKWARE's APPNOTE 6.3.10, with ZIP64), as `.npz` files are.
///
/// Members are stored or deflated. Only the directory at the end is believed, and every offset in it is checked.
struct ZipArchive {
    /// A file in the archive.
    struct Entry {
        var name: String
        var isDeflated: Bool
        var storedBytes: Int
        var bytes: Int
        var checksum: UInt32
        var headerOffset: Int
    }

    let input: ByteInput
    let entries: [Entry]

    /// Directories of more bytes than this are no array file's.
    private static let longestDirectory = 1 << 24

    /// Reads the directory; throws `CodeFileError` where there is none, or where the input cannot be read from the back.
    init(_ input: ByteInput) throws {
        guard let length = input.length else {
            throw CodeFileError.unsupported(
                path: input.path, reason: "a .npz file is read from its end; give a file, not a pipe")
        }
        let tailStart = max(0, length - (1 << 16) - 22)
        let tail = try input.read(length - tailStart, at: tailStart)
        guard let end = Self.endRecord(in: tail) else {
            throw CodeFileError.unsupported(
                path: input.path, reason: "no .npz file, or cut off: the directory of the archive is missing")
        }
        var count = tail.number(at: end + 10, bytes: 2)
        var size = tail.number(at: end + 12, bytes: 4)
        var offset = tail.number(at: end + 16, bytes: 4)
        if end >= 20, tail.number(at: end - 20, bytes: 4) == 0x0706_4b50 {
            let large = tail.number(at: end - 12, bytes: 8)
            let record = large >= 0 && large < length ? try input.read(56, at: large) : []
            guard record.count == 56, record.number(at: 0, bytes: 4) == 0x0606_4b50 else { throw Self.damaged(input) }
            count = record.number(at: 32, bytes: 8)
            size = record.number(at: 40, bytes: 8)
            offset = record.number(at: 48, bytes: 8)
        }
        guard count >= 0, (0...Self.longestDirectory).contains(size), offset >= 0, offset <= length - size else {
            throw Self.damaged(input)
        }
        let directory = try input.read(size, at: offset)
        var entries: [Entry] = []
        var at = 0
        while entries.count < count {
            guard let (entry, next) = Self.entry(in: directory, at: at) else { throw Self.damaged(input) }
            entries.append(entry)
            at = next
        }
        self.input = input
        self.entries = entries
    }

    /// The bytes of a member.
    func open(_ entry: Entry) throws -> ZipMember {
        guard let length = input.length, entry.headerOffset >= 0, entry.headerOffset < length else {
            throw Self.damaged(input)
        }
        let header = try input.read(30, at: entry.headerOffset)
        guard header.count == 30, header.number(at: 0, bytes: 4) == 0x0403_4b50 else { throw Self.damaged(input) }
        let start = entry.headerOffset + 30 + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2)
        guard entry.storedBytes >= 0, entry.bytes >= 0, start <= length, entry.storedBytes <= length - start else {
            throw Self.damaged(input)
        }
        return try ZipMember(entry, in: input, from: start)
    }

    private static func damaged(_ input: ByteInput) -> CodeFileError {
        .unsupported(path: input.path, reason: "damaged .npz file: its directory makes no sense")
    }

    /// The end record is the last thing in the file but for a remark, whose length it gives.
    private static func endRecord(in tail: [UInt8]) -> Int? {
        guard tail.count >= 22 else { return nil }
        return (0...tail.count - 22).reversed().first {
            tail.number(at: $0, bytes: 4) == 0x0605_4b50 && $0 + 22 + tail.number(at: $0 + 20, bytes: 2) == tail.count
        }
    }

    private static func entry(in directory: [UInt8], at start: Int) -> (Entry, Int)? {
        guard start + 46 <= directory.count, directory.number(at: start, bytes: 4) == 0x0201_4b50 else { return nil }
        let (flags, method) = (
            directory.number(at: start + 8, bytes: 2), directory.number(at: start + 10, bytes: 2)
        )
        let nameEnd = start + 46 + directory.number(at: start + 28, bytes: 2)
        let extraEnd = nameEnd + directory.number(at: start + 30, bytes: 2)
        let next = extraEnd + directory.number(at: start + 32, bytes: 2)
        guard next <= directory.count, flags & 1 == 0, method == 0 || method == 8 else { return nil }
        var entry = Entry(
            name: String(decoding: directory[start + 46..<nameEnd], as: UTF8.self), isDeflated: method == 8,
            storedBytes: directory.number(at: start + 20, bytes: 4), bytes: directory.number(at: start + 24, bytes: 4),
            checksum: UInt32(truncatingIfNeeded: directory.number(at: start + 16, bytes: 4)),
            headerOffset: directory.number(at: start + 42, bytes: 4))
        // The extra field 1 has, in this order, those of the three numbers that do not fit into 32 bits.
        var at = nameEnd
        while at + 4 <= extraEnd {
            let end = at + 4 + directory.number(at: at + 2, bytes: 2)
            guard end <= extraEnd else { return nil }
            if directory.number(at: at, bytes: 2) == 1 {
                var field = at + 4
                for number in [\Entry.bytes, \Entry.storedBytes, \Entry.headerOffset]
                where entry[keyPath: number] == 0xffff_ffff {
                    guard field + 8 <= end else { return nil }
                    entry[keyPath: number] = directory.number(at: field, bytes: 8)
                    field += 8
                }
            }
            at = end
        }
        return (entry, next)
    }
}

/// A member of an archive, read from front to back; its checksum is compared at the end.
final class ZipMember: ByteStream {
    let path: String
    let length: Int?
    private let input: ByteInput
    private let entry: ZipArchive.Entry
    private let inflater: Inflater?
    private var position: Int
    private let end: Int
    private var compressed: ArraySlice<UInt8> = []
    private var given = 0
    private var checksum = CyclicChecksum()

    fileprivate init(_ entry: ZipArchive.Entry, in input: ByteInput, from start: Int) throws {
        self.input = input
        self.entry = entry
        path = "\(input.path): \(shown(entry.name.utf8))"
        length = entry.bytes
        position = start
        end = start + entry.storedBytes
        inflater = entry.isDeflated ? try Inflater() : nil
    }

    func read(_ count: Int) throws -> [UInt8] {
        let wanted = min(count, entry.bytes - given)
        var bytes: [UInt8] = []
        while bytes.count < wanted {
            let part = try more(upTo: wanted - bytes.count)
            guard !part.isEmpty else { throw damaged("it ends early") }
            bytes += part
        }
        given += bytes.count
        checksum.append(bytes)
        if given == entry.bytes, checksum.value != entry.checksum { throw damaged("its checksum does not match") }
        return bytes
    }

    private func more(upTo limit: Int) throws -> [UInt8] {
        guard let inflater else {
            let part = try input.read(min(limit, end - position), at: position)
            position += part.count
            return part
        }
        while true {
            if compressed.isEmpty, position < end {
                compressed = try input.read(min(1 << 16, end - position), at: position)[...]
                position += compressed.count
                if compressed.isEmpty { return [] }
            }
            do {
                let hadInput = !compressed.isEmpty
                let part = try inflater.inflate(&compressed, upTo: min(limit, 1 << 20))
                if !part.isEmpty || inflater.isAtEnd || !hadInput { return part }
            } catch is Inflater.Damaged {
                throw damaged("its compressed data make no sense")
            }
        }
    }

    private func damaged(_ reason: String) -> CodeFileError {
        .unsupported(path: path, reason: "damaged member of a .npz file: \(reason)")
    }
}
