import CodeFiles
import HashDB
import TestSupport
import Testing

@Suite struct CodeImportTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func run(
        _ text: String, into store: Store, name: String = "a.txt", ids: [UInt64]? = nil,
        _ change: (inout CodeFileOptions) -> Void = { _ in }
    ) throws -> CodeImport.Summary {
        var options = CodeFileOptions()
        change(&options)
        var idPath: String?
        if let ids {
            var writer = try IDWriter(path: folder.file("ids.npy"), count: ids.count)
            try writer.append(ids)
            try writer.finish()
            idPath = folder.file("ids.npy")
        }
        let path = try folder.write(Array(text.utf8), to: name)
        return try CodeImport(codes: path, ids: idPath, options: options).run(into: store)
    }

    private func items(_ store: Store) throws -> [String] {
        var lines: [String] = []
        try store.read { snapshot in
            try snapshot.forEachItem { item in
                let name = item.payload.flatMap { CodeName(decoding: $0) }.map {
                    String(decoding: $0.bytes, as: UTF8.self)
                }
                lines.append("\(item.id) \(item.code.hex) \(name ?? "-")")
                return true
            }
        }
        return lines
    }

    @Test func textsStandBesideTheirCodes() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        #expect(try run("01ab,x\nff00\n0000,z\n", into: store).nameCount == 2)
        #expect(try items(store) == ["0 01ab x", "1 ff00 -", "2 0000 z"])
        let extreme = try Store.create(at: folder.file("extreme"), bitWidth: 16)
        #expect(try run("1111\n2222\n", into: extreme, ids: [.max, 5]).largestID == .max)
        let more = try run("1111,new\n2222,x2\n", into: store, ids: [9, 0])
        #expect(more.smallestID == 0 && more.largestID == 9)
        #expect(try items(store) == ["0 2222 x2", "1 ff00 -", "2 0000 z", "9 1111 new"])
        // A code that replaces another takes its text away.
        _ = try run("3333\n", into: store, ids: [2])
        #expect(try items(store)[2] == "2 3333 -")
    }

    /// Of two codes of one id the last one counts, and so does its text, also if it has none.
    @Test func aCodeThatReplacesAnotherOfItsFileHasItsOwnText() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        _ = try run("7\t01ab\tx\n8\tff00\ty\n7\t0000\n8\t1111\tz\n", into: store, name: "a.tsv")
        #expect(try items(store) == ["7 0000 -", "8 1111 z"])
    }

    private struct Stop: Error {}

    @Test func whatProgressThrowsEndsAnExportWithoutAFile() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        _ = try run(String(repeating: "01ab\n", count: 50_000), into: store)
        let path = folder.file("out.npy")
        #expect(throws: Stop.self) { try store.read { try $0.exportCodes(to: path, progress: { _ in throw Stop() }) } }
        #expect(!folder.names.contains { $0.hasPrefix("out") })
        #expect(try store.read { try $0.exportCodes(to: path) } == 50_000)
    }

    @Test func progressEndsAnImportWithWhatItHasOrWithout() throws {
        let path = try folder.write(Array(String(repeating: "01ab\n", count: 50_000).utf8), to: "a.txt")
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        #expect(throws: Stop.self) { try CodeImport(codes: path).run(into: store) { _ in throw Stop() } }
        #expect(try items(store).isEmpty)
        let summary = try CodeImport(codes: path).run(into: store) { _ in false }
        #expect(!summary.isComplete && summary.count < 50_000)
        #expect(try items(store).count == summary.count)
    }

    @Test func anImportForTasksDoesTheSameAndEndsWithItsTask() async throws {
        let path = try folder.write(Array(String(repeating: "01ab\tx\n", count: 50_000).utf8), to: "a.tsv")
        let store = try await Store.create(at: folder.file("s"), bitWidth: 16)
        let task = Task {
            try await CodeImport(codes: path).run(into: store) { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                return true
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try items(store).isEmpty)
        let summary = try await CodeImport(codes: path).run(into: store)
        #expect(summary.count == 50_000 && summary.nameCount == 50_000)
        #expect(try items(store).count == 50_000)
    }

    @Test func codesAndIDsGoIntoTwoFiles() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        let path = folder.file("both.npy")
        #expect(throws: CodeFileError.self) { try store.read { try $0.exportCodes(to: path, ids: path) } }
        #expect(!folder.names.contains("both.npy"))
    }

    @Test func anEmptyStoreTakesTheLayoutOfItsFirstFile() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        #expect(try store.read { try $0.codeLayout.description } == "16 bits, lsb first")
        _ = try run("1ab\n", into: store)
        #expect(try store.read { try $0.codeLayout.description } == "12 bits, msb first, padded left")
        // Digits are rearranged; whole bytes must have the filling empty.
        _ = try run("000110101011\n", into: store, name: "a.bits")
        _ = try run("01ab\n", into: store)
        #expect(try items(store) == ["0 01ab -", "1 01ab -", "2 01ab -"])
        let before = try items(store)
        let error = #expect(throws: CodeFileError.self) { try run("f1ab\n", into: store) }
        #expect(error?.description.contains("the code of row 0 has more bits than 12 bits") == true)
        #expect(throws: CodeFileError.self) { try run("f1ab\n", into: store) { $0.bitCount = 16 } }
        #expect(throws: CodeFileError.self) { try run("f1abff\n", into: store) }
        #expect(try items(store) == before)
    }

    @Test func bytesAreRearrangedOnlyWhereTheirOrderIsGiven() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 8)
        _ = try run("01\n", into: store)
        let path = try folder.write([1, 0, 0, 0, 1, 0, 0, 0, 0x80], to: "a.u8bin")
        _ = try CodeImport(codes: path).run(into: store)
        var options = CodeFileOptions()
        options.bitOrder = .lsb
        _ = try CodeImport(codes: path, options: options).run(into: store)
        #expect(try items(store) == ["0 01 -", "1 80 -", "2 01 -"])
    }

    @Test func aBadLineLeavesTheStoreAsItWas() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        _ = try run("01ab,x\n", into: store)
        let lines = String(repeating: "ffff,y\n", count: 50_000) + "fff\n"
        let error = #expect(throws: CodeFileError.self) { try run(lines, into: store) }
        #expect(error?.description.contains("line 50001: 'fff' has 3 digits") == true)
        #expect(try items(store) == ["0 01ab x"])
    }

    @Test func aCodeThatIsTooWideIsAnErrorThatNamesTheFile() throws {
        for width in [0, 1025, 5000] {
            let bits = [UInt8](repeating: 1, count: width)
            let path = try folder.write(npy(headerText("|b1", "(1, \(width))"), data: bits))
            let error = #expect(throws: CodeFileError.self) { try CodeImport(codes: path) }
            #expect(error?.description == "\(path): holds codes of \(width) bits; a code has 1 to 1024 bits")
        }
    }

    @Test func asManyIDsAsCodes() throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 16)
        for ids in [[1], [1, 2, 3]] as [[UInt64]] {
            #expect(throws: CodeFileError.self) { try run("01ab\nff00\n", into: store, ids: ids) }
        }
        #expect(try items(store).isEmpty)
    }
}
