import LMDB
import Synchronization

/// A file of binary codes that can be searched exactly.
///
/// ```swift
/// let store = try Store.openOrCreate(at: "photos.hashdb", bitWidth: 64)
/// try store.write { transaction in
///     try transaction.upsert(7, code: BinaryCode(hex: "00ff00ff00ff00ff"))
/// }
/// let matches = try store.nearest(to: BinaryCode(hex: "00ff00ff00ff00fe"), count: 10)
/// ```
///
/// Many threads and processes may read, each a snapshot of its own (2,046 at a time), while one writes. A write is one transaction: all of it or
/// nothing. The file stands at `path`, with a lock file `path-lock` beside it; on a network file system it is refused.
///
/// A store stays of use whatever becomes of its file. Where that was removed, or another kind of store has taken its name, the next call
/// throws (a read may be a tenth of a second late); where a store of the same width and model has, such as a compacted copy, the next call is
/// answered by that.
///
/// A file may hold several collections of codes, each with a width, a model, ids and an index of its own: a `Store` is one of them, the
/// one named `default` unless another is named. All collections of a file share its space and its one writer.
///
/// The file is closed with the last `Store` of it in the process; there is nothing to be closed by hand, and nothing is lost without.
public final class Store: Sendable {
    /// How a store is opened.
    public struct Options: Sendable {
        /// Whether a commit waits until its data is on the device. Without, a loss of power can damage the store. The first to open a store
        /// in a process decides.
        public var synchronous = true
        /// How long a writer waits for another to finish.
        public var busyTimeout: Duration = .seconds(10)
        /// The address space in bytes that is reserved for the store to begin with. It grows by itself.
        public var initialMapSize: Int = Environment.defaultMapSize

        /// Whether a new store's file loses its name as soon as it is open: nothing is left of it, however this process ends.
        package var losesName = false
        /// When items are folded and segments are merged.
        package var folding = FoldSettings()

        /// The usual options.
        public init() {}
    }

    /// What a store is opened for.
    public enum Access: Sendable {
        /// For queries.
        ///
        /// Readers take a place in the lock file beside the store, which they must be allowed to write to, unless the file system is one that nobody
        /// writes to. A store that comes with a program, in a folder of others, has to be copied first.
        case readOnly
        /// For queries and changes.
        case readWrite
    }

    /// The version of the file format that is written and read.
    public static let formatVersion = StoreHeader.version

    /// Where the store is, as it was opened.
    public let path: String
    /// Which of the file's collections it is.
    public let collection: String
    /// The number of bits of every code.
    public let bitWidth: Int
    /// Which model made the codes, if the store was told when it was created.
    public let model: ModelIdentity?

    let environment: Environment
    private let name: CollectionName
    /// Which of the collections that the file may have had under this name.
    private let stamp: UInt64
    /// What errors name as the place of damage.
    let place: String
    let access: Access
    let busyTimeout: Duration
    let foldSettings: FoldSettings
    /// Whether its file lost its name as soon as it was made.
    let isTemporary: Bool
    private let lastState = Mutex<StoreState?>(nil)
    /// For the writes of tasks.
    let writingThread = WorkThreads(limit: 1)

    init(
        _ environment: Environment, _ collection: CollectionName, path: String, access: Access, options: Options
    ) throws {
        self.environment = environment
        self.path = path
        name = collection
        self.collection = collection.text
        self.access = access
        busyTimeout = options.busyTimeout
        foldSettings = options.folding
        isTemporary = options.losesName
        let place = collection.place(in: path)
        self.place = place
        let header = try Self.header(of: collection, in: environment, path: path)
        stamp = header.stamp
        bitWidth = header.bitWidth
        model = header.model
    }

    private static func header(
        of collection: CollectionName, in environment: Environment, path: String
    ) throws -> StoreHeader {
        while true {
            let generation = environment.mapGeneration
            guard let handles = try environment.databases(named: collection.databaseNames) else {
                throw try missing(collection, in: environment, path: path)
            }
            let databases = Databases(handles, of: collection)
            do {
                let header: StoreHeader? = try environment.read { transaction in
                    // Where the file was opened anew meanwhile, so must be the databases.
                    guard environment.mapGeneration == generation else { return nil }
                    return try StoreHeader.read(from: transaction, databases, path: collection.place(in: path))
                }
                if let header { return header }
            } catch HashDBError.collectionRemoved {
                throw try missing(collection, in: environment, path: path)
            }
        }
    }

    // MARK: Opening

    /// Makes an empty store: a file with one collection, or a further collection in a file.
    ///
    /// Others find it when it is whole. Of several who make one at once, one does.
    /// - Parameters:
    ///   - path: Where no file is yet, or one that has no collection of this name.
    ///   - collection: Which collection: 1 to 40 of a–z, 0–9, `-`, `.` and `_`, of which the first is a letter or a digit.
    ///   - bitWidth: The number of bits of every code, a multiple of 8 from 8 to 1024.
    ///   - model: Which model makes the codes, if one does. It cannot be changed.
    ///   - options: How it is opened.
    /// - Throws: `HashDBError.storeExists`, `collectionExists`, `invalidWidth`, `invalidName`, `invalidCollectionName`,
    ///   `tooManyCollections`, `diskFull`; `system`, also where the path is a symbolic link that leads nowhere; for a further collection as
    ///   `write` too.
    public static func create(
        at path: String, collection: String = Store.defaultCollection, bitWidth: Int, model: ModelIdentity? = nil,
        options: Options = Options()
    ) throws -> Store {
        try creating(at: path, collection, bitWidth: bitWidth, model, options)
    }

    /// Opens a store. Opening one that is open in this process already shares its map and its caches.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - collection: Which of its collections.
    ///   - access: What it is opened for.
    ///   - options: How it is opened.
    /// - Throws: `HashDBError.storeNotFound`, `notAStore`, `unknownCollection`, `invalidCollectionName`, `unsupportedVersion`, `damaged`,
    ///   `readOnly`, `system`.
    public static func open(
        at path: String, collection: String = Store.defaultCollection, access: Access = .readWrite,
        options: Options = Options()
    ) throws -> Store {
        let collection = try CollectionName(collection)
        return try HashDBError.translating {
            let environment = try Environment.open(at: path, options: settings(options))
            if access == .readWrite, !environment.isWritable { throw HashDBError.readOnly(path: path) }
            return try Store(environment, collection, path: path, access: access, options: options)
        }
    }

    static func settings(_ options: Options) -> Environment.Options {
        var settings = Environment.Options()
        settings.synchronous = options.synchronous
        settings.mapSize = options.initialMapSize
        settings.losesName = options.losesName
        settings.maximumDatabases = maximumCollections * CollectionName.databasesEach
        return settings
    }

    // MARK: Reading

    /// Runs `body` on a snapshot of the last commit.
    ///
    /// - Throws: `HashDBError.damaged`, `system`; `storeNotFound` or `collectionRemoved` where it was removed; what `body` throws.
    public func read<R>(_ body: (borrowing Snapshot) throws -> R) throws -> R {
        try reading(body)
    }

    /// The same under a name of its own, for code that is `async`.
    func reading<R>(_ body: (borrowing Snapshot) throws -> R) throws -> R {
        try HashDBError.translating { try withSnapshot { try body($0) } }
    }

    /// The number of items as of the last commit.
    ///
    /// - Complexity: O(1): a snapshot is begun and ended.
    /// - Throws: `HashDBError.damaged`, `system`; `storeNotFound` or `collectionRemoved` where it was removed.
    public var count: Int { get throws { try read { $0.count } } }

    /// The `count` items nearest to a code in a snapshot of the last commit; see `Snapshot.nearest(to:count:among:plan:)`.
    ///
    /// - Throws: As there and as `read`: among them `HashDBError.invalidCount`, `codeWidthMismatch`.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        try read { try $0.nearest(to: code, count: count, among: filter, plan: plan) }
    }

    /// The `count` items nearest to a code of those within `radius` bits of it in a snapshot of the last commit; see
    /// `Snapshot.nearest(to:count:within:among:plan:)`.
    ///
    /// - Throws: As there and as `read`: among them `HashDBError.invalidCount`, `invalidRadius`, `codeWidthMismatch`.
    public func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter = .all,
        plan: QueryPlan = .automatic
    ) throws -> [Match] {
        try read { try $0.nearest(to: code, count: count, within: radius, among: filter, plan: plan) }
    }

    /// All items within `radius` bits of a code in a snapshot of the last commit; see `Snapshot.within(radius:of:among:plan:)`.
    ///
    /// - Throws: As there and as `read`: among them `HashDBError.invalidRadius`, `codeWidthMismatch`.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        try read { try $0.within(radius: radius, of: code, among: filter, plan: plan) }
    }

    func withSnapshot<R>(_ body: (consuming Snapshot) throws -> R) throws -> R {
        try environment.read { transaction in
            try body(snapshot(transaction))
        }
    }

    /// A snapshot of the last commit that lives until its owner lets it go, for interfaces to languages whose callers hand in no closure. One
    /// thread at a time may use it.
    ///
    /// While it lives, reads go on with the file that is open, and writes that need another file or a larger map throw `HashDBError.system`:
    /// to wait for the owner's own snapshot would be for ever.
    package func heldSnapshot() throws -> Snapshot {
        try HashDBError.translating { try snapshot(environment.heldTransaction()) }
    }

    /// Runs `body` while nobody commits: another writer is waited for up to `Options.busyTimeout`. Where the store can only be read, commits go on.
    package func withoutCommits<R>(_ body: () throws -> R) throws -> R {
        try HashDBError.translating {
            guard environment.isWritable else { return try body() }
            return try environment.asWriter(within: busyTimeout, body)
        }
    }

    private func snapshot(_ transaction: consuming ReadTransaction) throws -> Snapshot {
        let state = try state(transaction)
        // From here on it is read in closures of the caller's, who knows no other errors.
        transaction.translation = { HashDBError($0) }
        return Snapshot(
            transaction: transaction, state: state, databases: state.databases, environment: environment, path: place)
    }

    private func state(_ transaction: borrowing ReadTransaction) throws -> StoreState {
        let known = lastState.withLock { $0 }
        let generation = environment.mapGeneration
        if let known, known.transactionNumber == transaction.number, known.mapGeneration == generation { return known }
        let databases = known?.mapGeneration == generation ? known?.databases : nil
        let new = try StoreState(
            transaction, databases ?? currentDatabases(), path: place, mapGeneration: generation, previous: known)
        // Another store may have taken the file's name.
        guard new.header.bitWidth == bitWidth, new.header.model == model else {
            throw HashDBError.collectionRemoved(path: place)
        }
        lastState.withLock { last in
            if last.map({ $0.transactionNumber < new.transactionNumber || $0.mapGeneration != generation }) ?? true {
                last = new
            }
        }
        return new
    }

    private func currentDatabases() throws -> Databases {
        guard let handles = try environment.databases(named: name.databaseNames) else {
            throw HashDBError.collectionRemoved(path: place)
        }
        var databases = Databases(handles, of: name)
        databases.stamp = stamp
        return databases
    }
}
