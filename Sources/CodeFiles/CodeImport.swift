import HashDB

/// Brings the codes of an `.npy` file into a store, in bounded memory.
///
///     let codes = try CodeImport(codes: "codes.npy")
///     let store = try Store.create(at: "codes.hashdb", bitWidth: codes.bitWidth)
///     let summary = try codes.run(into: store)
///
/// Items of the same ids are replaced. Nothing of the import shows before all of it does.
public final class CodeImport {
    /// What an import did.
    public struct Summary: Hashable, Sendable {
        /// Codes brought in.
        public var count = 0
        /// The first id in the order of the file.
        public var firstID: UInt64?
        /// The last id in the order of the file.
        public var lastID: UInt64?
        /// False where `progress` ended the import before the file did.
        public var isComplete = true
    }

    /// Codes in the file.
    public let count: Int
    /// Bits of each.
    public let bitWidth: Int
    private let path: String
    private var codes: CodeReader
    private var ids: IDReader?

    /// Opens and checks the files, before any store is touched.
    ///
    /// - Parameters:
    ///   - path: the file of codes; see `CodeReader`.
    ///   - idsPath: the file of as many ids; see `IDReader`. Without it the ids are consecutive, from the one after the largest
    ///     that the store has held.
    /// - Throws: `CodeFileError`.
    public init(codes path: String, ids idsPath: String? = nil) throws {
        self.path = path
        let codes = try CodeReader(path: path)
        count = codes.count
        bitWidth = codes.bitWidth
        if let idsPath {
            let ids = try IDReader(path: idsPath)
            guard ids.count == codes.count else {
                throw CodeFileError.countMismatch(
                    path: idsPath,
                    count: ids.count,
                    otherPath: path,
                    otherCount: codes.count
                )
            }
            self.ids = consume ids
        } else {
            ids = nil
        }
        self.codes = codes
    }

    /// Codes handed over at a time.
    static let batch = 1 << 14

    /// Brings everything into the store; an import runs once.
    ///
    /// - Parameter progress: is called with the number of codes read so far; false ends the import with those.
    /// - Throws: `HashDBError`, `CodeFileError`; the store is then as it was.
    public func run(into store: Store, progress: (Int) -> Bool = { _ in true }) throws -> Summary {
        guard store.bitWidth == bitWidth else {
            throw CodeFileError.unsupported(
                path: path,
                reason: "holds codes of \(bitWidth) bits, and \(store.path) codes of \(store.bitWidth) bits"
            )
        }
        return try store.bulkLoad { loader in
            var summary = Summary()
            while let bytes = try codes.next(upTo: Self.batch) {
                let batch = bytes.count / codes.codeBytes
                let given = try ids?.next(upTo: batch)
                let first = given?.first ?? loader.nextID
                try loader.append(ids: given, packedCodes: bytes)
                summary.firstID = summary.firstID ?? first
                summary.lastID = given?.last ?? first.map { $0 + UInt64(batch - 1) }
                summary.count += batch
                if !progress(summary.count) {
                    summary.isComplete = summary.count == count
                    break
                }
            }
            return summary
        }
    }
}
