import CodeFiles
import TestSupport
import Testing

/// ZIP archives as other programs may write them, and as none should.
@Suite struct ArchiveTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let codes = npy(headerText("|u1", "(3, 2)"), data: [1, 2, 3, 4, 5, 6])

    private static func ids(_ ids: [Int64], type: String = "<i8") -> [UInt8] {
        npy(headerText(type, "(\(ids.count),)"), data: ids.flatMap { little($0, 8) })
    }

    private static func little(_ number: some BinaryInteger, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// Bit by bit, as ISO 3309 defines it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }

    /// An archive of stored members. With `large`, all that can be is said in ZIP64's fields, behind a field of another program's.
    private static func archive(_ members: [(name: String, bytes: [UInt8])], large: Bool = false, method: Int = 0)
        -> [UInt8]
    {
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for (name, bytes) in members {
            let sum = little(checksum(bytes), 4)
            let sizes = large ? little(-1, 8) : little(bytes.count, 4) + little(bytes.count, 4)
            let offset = large ? little(-1, 4) : little(file.count, 4)
            let numbers = little(bytes.count, 8) + little(bytes.count, 8) + little(file.count, 8)
            let extra = large ? little(0x5455, 2) + little(1, 2) + [0] + little(1, 2) + little(24, 2) + numbers : []
            directory += [0x50, 0x4b, 1, 2] + little(45, 2) + little(45, 2) + little(0, 2) + little(method, 2)
            directory += little(0, 4) + sum + sizes + little(name.utf8.count, 2) + little(extra.count, 2)
            directory += little(0, 10) + offset + name.utf8 + extra
            file += [0x50, 0x4b, 3, 4] + little(45, 2) + little(0, 2) + little(method, 2) + little(0, 4) + sum
            file += little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            file += Array(name.utf8) + bytes
        }
        let start = file.count
        file += directory
        if large {
            let record = file.count
            file += [0x50, 0x4b, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
            file += little(members.count, 8) + little(members.count, 8) + little(directory.count, 8) + little(start, 8)
            file += [0x50, 0x4b, 6, 7] + little(0, 4) + little(record, 8) + little(1, 4)
        }
        file += [0x50, 0x4b, 5, 6] + little(0, 4)
        guard !large else { return file + little(-1, 12) + little(0, 2) }
        return file + little(members.count, 2) + little(members.count, 2) + little(directory.count, 4)
            + little(start, 4)
            + little(0, 2)
    }

    private func contents(_ bytes: [UInt8], _ options: CodeFileOptions = CodeFileOptions()) throws -> CodeBatch {
        let source = try CodeFile.open(folder.write(bytes, to: "a.npz"), options: options)
        var all = CodeBatch(packedCodes: [])
        while let batch = try source.next(upTo: 2) {
            all.packedCodes += batch.packedCodes
            if let ids = batch.ids { all.ids = (all.ids ?? []) + ids }
        }
        return all
    }

    @Test(arguments: [false, true]) func numbersOf32And64BitsAreRead(large: Bool) throws {
        let archive = Self.archive([("codes.npy", Self.codes), ("ids.npy", Self.ids([5, 1 << 40, 0]))], large: large)
        let expected = CodeBatch(packedCodes: [1, 2, 3, 4, 5, 6], ids: [5, 1 << 40, 0])
        #expect(try contents(archive) == expected)
    }

    @Test func theArraysThatAreNamedAreTaken() throws {
        let other = npy(headerText("|u1", "(1, 1)"), data: [9])
        let archive = Self.archive([("a.npy", other), ("readme.txt", [1]), ("b.npy", Self.codes)])
        #expect(try contents(archive).packedCodes == [9])
        var options = CodeFileOptions()
        options.codeColumn = "b"
        #expect(try contents(archive, options).packedCodes == [1, 2, 3, 4, 5, 6])
    }

    @Test func whatDoesNotFitTogetherIsNamed() throws {
        func reason(_ bytes: [UInt8], _ change: (inout CodeFileOptions) -> Void = { _ in }) -> String {
            var options = CodeFileOptions()
            change(&options)
            let error = #expect(throws: CodeFileError.self) { try contents(bytes, options) }
            #expect(error?.description.contains("\n") == false)
            return error?.description ?? ""
        }
        let good = Self.archive([("codes.npy", Self.codes)])
        #expect(reason(good) { $0.codeColumn = "x" }.contains("no array x in the archive; there are codes"))
        #expect(reason(good) { $0.idColumn = "y" }.contains("no array y in the archive; there are codes"))
        #expect(reason(Self.archive([("a.txt", [1])])).contains("no array in the archive"))
        for (ids, text) in [
            (Self.ids([1, 2]), "2 rows"), (Self.ids([1, -2, 3]), "-2"),
            (Self.ids([1, 2, 3], type: "<f8"), "<f8"),
            (Self.ids([1, 2, 3]).dropLast(8), "24 bytes of data and 16 are there"),
            (Self.ids([1, 2, 3]) + [0], "more bytes follow"),
        ] {
            let found = reason(Self.archive([("codes.npy", Self.codes), ("ids.npy", Array(ids))]))
            #expect(found.contains("ids.npy") && found.contains(text), Comment(rawValue: found))
        }
        // Names in an archive may be of any bytes.
        let name = "a\n\u{1b}[2J" + String(repeating: "z", count: 9000)
        #expect(reason(Self.archive([(name + ".npy", [1])])).contains(": a  [2Jzzz"))
        #expect(reason(Self.archive([(name + ".npy", Self.codes)])) { $0.codeColumn = "x" }.count < 400)
        let noise = Self.archive([("codes.npy", [UInt8](repeating: 0xFF, count: 300))], method: 8)
        #expect(reason(noise).contains("compressed data make no sense"))
    }

    /// Each byte of the directory at its extremes: what it says may be anything.
    @Test(arguments: [false, true]) func aDirectoryMaySayAnything(large: Bool) throws {
        let archive = Self.archive([("codes.npy", Self.codes), ("ids.npy", Self.ids([1, 2, 3]))], large: large)
        let start = archive.count - (large ? 2 * 84 + 98 : 2 * 55 + 22)
        for at in max(0, start)..<archive.count {
            for pattern in [[0xFF], [0x7F], [0], [UInt8](repeating: 0xFF, count: 8)] as [[UInt8]] {
                var changed = archive
                changed.replaceSubrange(at..<min(at + pattern.count, archive.count), with: pattern)
                do { _ = try contents(changed) } catch is CodeFileError {}
            }
        }
    }
}
