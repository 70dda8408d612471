import LMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Store {
    /// The name of the collection that is meant where none is named: `default`.
    public static let defaultCollection = CollectionName.defaultText

    /// How many collections a file can have.
    public static let maximumCollections = 64

    /// Whether a collection can have this name: 1 to 40 of a–z, 0–9, `-`, `.` and `_`, of which the first is a letter or a digit.
    public static func isCollectionName(_ name: String) -> Bool { (try? CollectionName(name)) != nil }

    /// The collections of a file as of one commit: the default one first, then by name.
    ///
    /// - Throws: As `open`.
    public static func collections(at path: String, options: Options = Options()) throws -> [StoredCollection] {
        try HashDBError.translating {
            let environment = try Environment.open(at: path, options: settings(options))
            let metas = try environment.metaDatabases()
            let collections = try environment.read { transaction in
                try metas.compactMap { name, meta -> StoredCollection? in
                    guard let bytes = try StoreHeader.bytes(from: transaction, meta) else { return nil }
                    let header = try StoreHeader(decoding: bytes, path: name.place(in: path))
                    return StoredCollection(
                        name: name.text, bitWidth: header.bitWidth, model: header.model, count: header.itemCount)
                }
            }
            guard !collections.isEmpty else { throw noCollection(path) }
            return collections
        }
    }

    /// Removes a collection with all that it holds; its space is used again. Who has it open gets `HashDBError.collectionRemoved`.
    ///
    /// - Throws: `HashDBError.unknownCollection`, `onlyCollection` if there is no other; as `open` and `write`.
    public static func removeCollection(_ name: String, at path: String, options: Options = Options()) throws {
        try removingCollection(name, at: path, options)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    static func removingCollection(
        _ name: String, at path: String, _ options: Options, giveUp: () throws -> Void = {}
    ) throws {
        let collection = try CollectionName(name)
        try HashDBError.translating {
            let environment = try Environment.open(at: path, options: settings(options))
            try environment.asWriter(within: options.busyTimeout, giveUp: giveUp) {
                let present = try environment.collections()
                guard present.contains(collection),
                    let databases = try environment.databases(named: collection.databaseNames)
                else { throw try missing(collection, in: environment, path: path) }
                guard present.count > 1 else { throw HashDBError.onlyCollection(path: path, name: name) }
                try remove(databases, of: collection, from: environment, present)
            }
        }
    }

    // MARK: Steps

    /// Removes one of the collections that there are. Call within `asWriter`.
    static func remove(
        _ databases: [Database], of collection: CollectionName, from environment: Environment,
        _ present: Set<CollectionName>
    ) throws {
        try environment.write { transaction in
            for database in databases { try transaction.removeAll(in: database) }
        }
        removeRemains(from: environment, present: present.subtracting([collection]))
    }

    /// Adds a collection to the file at `path`, as long as `giveUp` does not throw, which is asked while others write.
    static func add(
        _ collection: CollectionName, at path: String, bitWidth: Int, model: ModelIdentity?, options: Options,
        giveUp: () throws -> Void
    ) throws -> Environment {
        let environment: Environment
        do { environment = try Environment.open(at: path, options: settings(options)) } catch LMDBError.notAnEnvironment
        {
            throw HashDBError.storeExists(path: path)
        } catch LMDBError.notFound where isLink(path) {
            // There is a file of that name, and none where it leads.
            throw HashDBError.system(
                path: path, code: Int(ENOENT),
                reason: "it is a symbolic link that leads nowhere; remove it, or make the store where it leads")
        }
        func checkedPresent() throws -> Set<CollectionName> {
            let present = try environment.collections()
            if present.isEmpty || present.contains(collection) && collection.isDefault {
                throw HashDBError.storeExists(path: path)
            }
            if present.contains(collection) {
                throw HashDBError.collectionExists(path: path, name: collection.text)
            }
            guard present.count < maximumCollections else { throw HashDBError.tooManyCollections(path: path) }
            return present
        }
        _ = try checkedPresent()
        guard environment.isWritable else { throw HashDBError.readOnly(path: path) }
        try environment.asWriter(within: options.busyTimeout, giveUp: giveUp) {
            // Another process may have been faster.
            let present = try checkedPresent()
            if try environment.metaDatabases().count >= maximumCollections {
                removeRemains(from: environment, present: present)
            }
            try environment.addDatabases(named: collection.databaseNames) { transaction, handles in
                let header = StoreHeader(bitWidth: bitWidth, model: model, stamp: UInt64(transaction.number))
                try header.write(to: transaction, Databases(handles, of: collection))
            }
        }
        return environment
    }

    private static func isLink(_ path: String) -> Bool {
        var byte: CChar = 0
        return readlink(path, &byte, 1) >= 0
    }

    /// Removes a store's file and its lock file.
    static func removeFiles(_ path: String) {
        for suffix in ["", "-lock"] { Environment.removeFile(path + suffix) }
    }

    /// The error for a collection that is not there.
    static func missing(
        _ collection: CollectionName, in environment: Environment, path: String
    ) throws -> HashDBError {
        let present = try environment.collections()
        guard !present.isEmpty else { return noCollection(path) }
        let names = present.sorted().map(\.text)
        return .unknownCollection(path: path, name: collection.text, existing: names)
    }

    static func noCollection(_ path: String) -> HashDBError {
        .notAStore(path: path, reason: "it has no header")
    }

    /// Removes the empty databases of collections that were removed. Where transactions of this process are in the way, the next removal does.
    private static func removeRemains(from environment: Environment, present: Set<CollectionName>) {
        let names = (try? environment.databaseNames().compactMap { CollectionName(ofMeta: $0) }) ?? []
        for name in names where !present.contains(name) {
            _ = try? environment.removeDatabases(named: name.databaseNames)
        }
    }
}

extension Store {
    /// Removes a collection that nobody has written to since it was made, and the file if it has no other: other openers find it gone, as they
    /// would a removed one.
    ///
    /// - Parameter own: The key of an attribute that the caller has set.
    /// - Throws: As `write`.
    package func removeIfNeverWritten(butForAttribute own: String? = nil) throws {
        // Who writes it at the same time is kept waiting, and then finds it gone.
        try asWriter { writer in
            guard try withSnapshot({ try Self.isUnwritten($0, butForAttribute: own) }) else { return }
            let present = try environment.collections()
            if present == [writer.databases.collection] {
                Self.removeFiles(path)
            } else {
                try Self.remove(writer.databases.all, of: writer.databases.collection, from: environment, present)
            }
        }
    }

    private static func isUnwritten(
        _ snapshot: borrowing Snapshot, butForAttribute own: String?
    ) throws -> Bool {
        var isUnwritten = snapshot.count == 0 && snapshot.largestID == nil
        try snapshot.walkAttributes(withPrefix: "") { key, _ in
            isUnwritten = isUnwritten && key == own
            return isUnwritten
        }
        return isUnwritten
    }
}
