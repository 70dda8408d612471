/// Packed codes as the array `codes`, and their ids as the array `ids`, in an `.npz` archive, stored as `numpy.savez` does it.
///
/// Ids wait in a file without a name until the codes are written. Sizes are of 64 bits (ZIP64) in front of each member, as NumPy
/// writes them, and in the directory where 32 bits do not hold them.
final class NPZSink: FileSink {
    private struct Member {
        var name: String
        var bytes = 0
        var checksum = CyclicChecksum()
        var headerOffset: Int
    }

    let file: FileOutput
    let layout: CodeLayout
    private let count: Int
    private var written = 0
    private let ids: Spool
    private var members: [Member] = []
    private var offset = 0

    init(_ path: String, count: Int, layout: CodeLayout) throws {
        file = try FileOutput(path: path)
        guard file.isRegular else {
            throw CodeFileError.unsupported(
                path: file.path, reason: "a .npz file cannot be written to a pipe; name a file, or write npy")
        }
        self.count = count
        self.layout = layout
        ids = try Spool()
        try begin("codes.npy")
        try add(NPYHeader(elementType: "|u1", shape: [count, layout.byteCount]).bytes(path: path))
    }

    func write(_ batch: CodeBatch) throws {
        try add(batch.packedCodes)
        written += batch.packedCodes.count / layout.byteCount
        for id in batch.ids ?? [] { try ids.append(littleEndian(id)) }
    }

    func end() throws {
        guard written == count else { throw cannot("\(written) codes where \(count) were announced") }
        let idCount = ids.count / 8
        guard idCount == 0 || idCount == count else { throw cannot("\(count) codes with \(idCount) ids") }
        try endMember()
        if idCount == count {
            try begin("ids.npy")
            try add(NPYHeader(elementType: "<u8", shape: [count]).bytes(path: file.path))
            try ids.drain { try add($0) }
            try endMember()
        }
        try writeDirectory()
    }

    // The first second that the format's clock knows: a file of the same codes has the same bytes.
    private static let date = littleEndian(UInt16(0)) + littleEndian(UInt16(0x0021))
    private static let extraBytes = 20

    private func write(_ bytes: [UInt8]) throws {
        try file.append(bytes)
        offset += bytes.count
    }

    private func begin(_ name: String) throws {
        let member = Member(name: name, headerOffset: offset)
        members.append(member)
        try write(localHeader(member))
    }

    private func add(_ bytes: [UInt8]) throws {
        try write(bytes)
        members[members.count - 1].bytes += bytes.count
        members[members.count - 1].checksum.append(bytes)
    }

    /// Size and checksum are known only now.
    private func endMember() throws {
        if let member = members.last { try file.replace(at: member.headerOffset, with: localHeader(member)) }
    }

    private func localHeader(_ member: Member) -> [UInt8] {
        var bytes = littleEndian(UInt32(0x0403_4b50)) + littleEndian(UInt16(45))
        bytes += [0, 0, 0, 0] + Self.date + littleEndian(member.checksum.value)
        bytes += littleEndian(UInt32.max) + littleEndian(UInt32.max)
        bytes += littleEndian(UInt16(member.name.utf8.count)) + littleEndian(UInt16(Self.extraBytes)) + member.name.utf8
        bytes += littleEndian(UInt16(1)) + littleEndian(UInt16(16))
        return bytes + littleEndian(UInt64(member.bytes)) + littleEndian(UInt64(member.bytes))
    }

    private func writeDirectory() throws {
        let start = offset
        for member in members {
            let numbers = [member.bytes, member.bytes, member.headerOffset]
            let extra = numbers.filter { $0 >= UInt32.max }.flatMap { littleEndian(UInt64($0)) }
            let field = extra.isEmpty ? [] : littleEndian(UInt16(1)) + littleEndian(UInt16(extra.count)) + extra
            var bytes = littleEndian(UInt32(0x0201_4b50)) + littleEndian(UInt16(45)) + littleEndian(UInt16(45))
            bytes += [0, 0, 0, 0] + Self.date + littleEndian(member.checksum.value)
            bytes += littleEndian(UInt32(clamping: member.bytes)) + littleEndian(UInt32(clamping: member.bytes))
            bytes += littleEndian(UInt16(member.name.utf8.count)) + littleEndian(UInt16(field.count))
            bytes += [0, 0, 0, 0, 0, 0] + littleEndian(UInt32(0)) + littleEndian(UInt32(clamping: member.headerOffset))
            try write(bytes + member.name.utf8 + field)
        }
        let size = offset - start
        if start >= UInt32.max {
            let record = offset
            var bytes = littleEndian(UInt32(0x0606_4b50)) + littleEndian(UInt64(44))
            bytes += littleEndian(UInt16(45)) + littleEndian(UInt16(45)) + [UInt8](repeating: 0, count: 8)
            bytes += littleEndian(UInt64(members.count)) + littleEndian(UInt64(members.count))
            bytes += littleEndian(UInt64(size)) + littleEndian(UInt64(start))
            bytes += littleEndian(UInt32(0x0706_4b50)) + littleEndian(UInt32(0)) + littleEndian(UInt64(record))
            try write(bytes + littleEndian(UInt32(1)))
        }
        var bytes = littleEndian(UInt32(0x0605_4b50)) + [0, 0, 0, 0]
        bytes += littleEndian(UInt16(members.count)) + littleEndian(UInt16(members.count))
        bytes += littleEndian(UInt32(size)) + littleEndian(UInt32(clamping: start)) + [0, 0]
        try write(bytes)
    }
}
