import HashDB

/// Brings the codes of a file into a store, in bounded memory.
///
///     let codes = try CodeImport(codes: "codes.npy")
///     let store = try Store.create(at: "codes.hashdb", bitWidth: codes.bitWidth)
///     let summary = try codes.run(into: store)
///
/// Items of the same ids are replaced. No code of the import shows before all of them do; the texts beside codes follow, in
/// payloads that `CodeName` decodes.
///
/// An empty store takes the layout of the first file and records it (`Snapshot.codeLayout`). Into a store that has codes, files of
/// bytes go as they are, unless the options say in which order their bits lie; digits of bits, booleans, and hexadecimal
/// numbers that do not fill whole bytes are rearranged to the store's layout.
public final class CodeImport {
    /// What an import did.
    public struct Summary: Hashable, Sendable {
        /// Codes brought in.
        public var count = 0
        /// The smallest id that was brought in.
        public var smallestID: UInt64?
        /// The largest id that was brought in.
        public var largestID: UInt64?
        /// Codes that came with a text.
        public var nameCount = 0
        /// False where `progress` returned false before the file ended.
        public var isComplete = true

        fileprivate mutating func add(_ count: Int, smallest: UInt64?, largest: UInt64?) {
            self.count += count
            smallestID = [smallestID, smallest].compactMap(\.self).min()
            largestID = [largestID, largest].compactMap(\.self).max()
        }
    }

    /// Codes in the file; nil where only its end tells.
    public var count: Int? { source.count }
    /// Bits of each as a store holds them, a multiple of 8.
    public var bitWidth: Int { source.layout.storedWidth }
    /// How the bits lie in the file.
    public var layout: CodeLayout { source.layout }
    private let path: String
    private let source: any CodeSource
    private let options: CodeFileOptions
    private var ids: IDReader?
    private let idCount: Int?

    /// Opens and checks the files, before any store is touched.
    ///
    /// - Parameters:
    ///   - path: the file of codes, of any of the formats of `CodeFormat`; `-` is standard input.
    ///   - idsPath: the file of as many ids; see `IDReader`. Without it, and without ids in the file of codes, the ids are
    ///     consecutive, from the one after the largest that the store has held.
    ///   - options: what is known about the file of codes.
    /// - Throws: `CodeFileError`.
    public init(codes path: String, ids idsPath: String? = nil, options: CodeFileOptions = CodeFileOptions()) throws {
        let codes = try CodeFile.open(path, options: options)
        self.path = codes.path
        source = codes
        self.options = options
        if let idsPath {
            let ids = try IDReader(path: idsPath)
            if let count = codes.count, ids.count != count {
                throw CodeFileError.countMismatch(
                    path: idsPath, count: ids.count, otherPath: codes.path, otherCount: count)
            }
            idCount = ids.count
            self.ids = consume ids
        } else {
            ids = nil
            idCount = nil
        }
    }

    /// Codes handed over at a time.
    static let batch = 1 << 14

    /// Brings everything into the store; an import runs once.
    ///
    /// - Parameters:
    ///   - store: open for writing, and of the codes' width.
    ///   - progress: is called with the number of codes read so far; false ends the import with those, what it throws without them.
    /// - Throws: `HashDBError`, `CodeFileError`, what `progress` throws; the store has then none of the codes, but may, where it was empty, have
    ///   the file's layout. Only where an error comes while texts are written, which is at the end, it has all codes and some of the texts.
    public func run(into store: Store, progress: (Int) throws -> Bool = { _ in true }) throws -> Summary {
        try running(into: store, giveUp: {}, progress: progress)
    }

    /// Brings everything into the store, on the thread of the store's writes; see the call that is not `async`.
    ///
    /// - Throws: `CancellationError` if the task is cancelled, and the store is then as after other errors; else as the call that is not `async`.
    public func run(
        into store: Store, progress: @Sendable (Int) throws -> Bool = { _ in true }
    ) async throws -> Summary {
        nonisolated(unsafe) let codeImport = self  // nobody else has it while the caller waits
        return try await store.onWritingThread {
            try codeImport.running(into: store, giveUp: Task.checkCancellation, progress: progress)
        }
    }

    /// The same, as long as `giveUp` does not throw.
    private func running(
        into store: Store, giveUp: () throws -> Void, progress: (Int) throws -> Bool
    ) throws -> Summary {
        let codes = try StoreCodes(source, options: options, for: try targetLayout(in: store), of: store.path)
        let names = PendingNames()
        var summary = try store.loading(giveUp: giveUp) { loader in
            var summary = Summary()
            while let batch = try codes.next(upTo: Self.batch) {
                try giveUp()
                let count = batch.packedCodes.count / codes.layout.byteCount
                let given = try ids(count, after: summary.count) ?? batch.ids
                let first = given?.first ?? loader.nextID
                try loader.append(ids: given, packedCodes: batch.packedCodes)
                if batch.names != nil || names.count > 0 {
                    for index in 0..<count {
                        let id = given?[index] ?? (first ?? 0) + UInt64(index)
                        try names.append(batch.names?[index] ?? [], of: id)
                    }
                }
                summary.add(
                    count, smallest: given?.min() ?? first,
                    largest: given?.max() ?? first.map { $0 + UInt64(count - 1) })
                if try !progress(summary.count) {
                    summary.isComplete = summary.count == codes.count
                    break
                }
            }
            if summary.isComplete, idCount ?? summary.count != summary.count { throw countMismatch(summary.count) }
            return summary
        }
        summary.nameCount = names.count
        try names.write(to: store)
        return summary
    }

    /// Removes a collection that was made for an import that has failed, and the file if it has no other, unless others have written to it.
    package static func removeUnfilled(_ store: Store) throws {
        try store.removeIfNeverWritten(butForAttribute: CodeLayout.attribute)
    }

    /// The layout that codes are to have in the store. An empty one takes that of the file.
    private func targetLayout(in store: Store) throws -> CodeLayout {
        let (stored, isEmpty) = try store.read { (try $0.codeLayout, $0.count == 0 && $0.largestID == nil) }
        let given = source.layout
        guard isEmpty, given.storedWidth == store.bitWidth else { return stored }
        if given != stored { try store.write { try $0.setCodeLayout(given) } }
        return given
    }

    private func ids(_ count: Int, after read: Int) throws -> [UInt64]? {
        guard idCount != nil else { return nil }
        let given = try ids?.next(upTo: count) ?? []
        guard given.count == count else { throw countMismatch(read + count) }
        return given
    }

    private func countMismatch(_ found: Int) -> CodeFileError {
        .unsupported(
            path: path, reason: "holds \(found) codes or more, and there are \(idCount ?? 0) ids; they must be as many")
    }
}

/// The texts of an import, which go into the store after the codes; they wait in a file without a name.
private final class PendingNames {
    private var spool: Spool?
    private var entries = 0
    /// Texts that are not empty.
    private(set) var count = 0
    private var largestNamed: UInt64 = 0

    /// Texts that go into one transaction.
    private static let batch = 1 << 15

    /// Takes the text of a code, empty where it has none. That says something where the id may have come before, with a text.
    func append(_ name: [UInt8], of id: UInt64) throws {
        guard !name.isEmpty || count > 0 && id <= largestNamed else { return }
        let spool = try spool ?? Spool()
        self.spool = spool
        try spool.append(littleEndian(id) + littleEndian(UInt64(name.count)))
        try spool.append(name)
        entries += 1
        guard !name.isEmpty else { return }
        count += 1
        largestNamed = max(largestNamed, id)
    }

    func write(to store: Store) throws {
        guard let spool else { return }
        var left = entries
        while left > 0 {
            let batch = min(left, Self.batch)
            try store.write { transaction in
                for _ in 0..<batch {
                    let head = try numbers(spool.read(16))
                    let name = try spool.read(Int(head[1]))
                    // Another program may have deleted it meanwhile.
                    guard try transaction.contains(head[0]) else { continue }
                    try transaction.setPayload(name.isEmpty ? nil : CodeName(bytes: name).encoded, of: head[0])
                }
            }
            left -= batch
        }
    }
}
