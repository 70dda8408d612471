import LMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Store {
    /// Opens a store, or makes it if it is not there: the file, or the collection in it.
    ///
    /// Of several who do so at once, one makes it, and the others open it.
    /// - Parameters:
    ///   - path: Where the file is, or will be.
    ///   - collection: Which of its collections.
    ///   - bitWidth: The number of bits of every code, a multiple of 8 from 8 to 1024.
    ///   - model: Which model makes the codes; `nil` for whichever, or none.
    ///   - options: How it is opened.
    /// - Throws: `HashDBError.collectionHasOtherWidth` or `collectionHasOtherModel` where what is there is for other codes; as `open`, but for
    ///   `storeNotFound` and `unknownCollection`; as `create`, but for `storeExists` and `collectionExists`.
    public static func openOrCreate(
        at path: String, collection: String = Store.defaultCollection, bitWidth: Int, model: ModelIdentity? = nil,
        options: Options = Options()
    ) throws -> Store {
        try openingOrCreating(at: path, collection, bitWidth: bitWidth, model, options)
    }

    /// The same, as long as `giveUp` does not throw, which is asked while others write.
    static func openingOrCreating(
        at path: String, _ collection: String, bitWidth: Int, _ model: ModelIdentity?, _ options: Options,
        giveUp: () throws -> Void = {}
    ) throws -> Store {
        func existing() throws -> Store? {
            let store: Store
            do { store = try open(at: path, collection: collection, options: options) } catch let error as HashDBError {
                switch error {
                case .storeNotFound, .unknownCollection: return nil
                default: throw error
                }
            }
            guard store.bitWidth == bitWidth else {
                throw HashDBError.collectionHasOtherWidth(
                    path: path, name: collection, bitWidth: store.bitWidth, wanted: bitWidth)
            }
            if let model, store.model != model {
                throw HashDBError.collectionHasOtherModel(
                    path: path, name: collection, model: store.model, wanted: model)
            }
            return store
        }
        while true {
            if let store = try existing() { return store }
            do {
                return try creating(at: path, collection, bitWidth: bitWidth, model, options, giveUp: giveUp)
            } catch let error as HashDBError {
                switch error {
                // Somebody was faster.
                case .storeExists, .collectionExists: continue
                default: throw error
                }
            }
        }
    }

    /// Makes an empty store, as long as `giveUp` does not throw, which is asked while others write.
    static func creating(
        at path: String, _ collection: String, bitWidth: Int, _ model: ModelIdentity?, _ options: Options,
        giveUp: () throws -> Void = {}
    ) throws -> Store {
        let collection = try CollectionName(collection)
        guard BinaryCode.widths.contains(bitWidth), bitWidth % 8 == 0 else { throw HashDBError.invalidWidth(bitWidth) }
        for name in [model?.name, model?.fingerprint].compactMap({ $0 })
        where name.utf8.count > StoreHeader.maximumNameBytes {
            throw HashDBError.invalidName(name)
        }
        return try HashDBError.translating {
            let environment: Environment
            do {
                let names = collection.databaseNames
                environment = try Environment.create(at: path, databases: names, options: settings(options)) {
                    transaction, handles in
                    let stamp = collection.isDefault ? 0 : UInt64(transaction.number)
                    let header = StoreHeader(bitWidth: bitWidth, model: model, stamp: stamp)
                    try header.write(to: transaction, Databases(handles, of: collection))
                }
            } catch LMDBError.exists {
                environment = try add(
                    collection, at: path, bitWidth: bitWidth, model: model, options: options, giveUp: giveUp)
            }
            return try Store(environment, collection, path: path, access: .readWrite, options: options)
        }
    }

    /// Makes an empty store without a name, for tests and for what is needed for a while: nothing is left of it, however this process ends.
    ///
    /// It is as any other, but for what goes by a name: it has one collection, and can neither be opened again nor compacted.
    /// `backup(to:progress:)` makes a store with a name of it.
    /// - Parameters:
    ///   - bitWidth: The number of bits of every code, a multiple of 8 from 8 to 1024.
    ///   - model: Which model makes the codes, if one does.
    ///   - directory: Where its room is; by default what `TMPDIR` names, if anything, or `/tmp`.
    ///   - options: How it is opened. It is never waited for the device.
    /// - Throws: As `create`.
    public static func temporary(
        bitWidth: Int, model: ModelIdentity? = nil, directory: String? = nil, options: Options = Options()
    ) throws -> Store {
        let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let folder = directory ?? (named.isEmpty ? "/tmp" : named)
        var options = options
        options.synchronous = false
        options.losesName = true
        let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return try create(at: "\(folder)/hashdb-\(number)", bitWidth: bitWidth, model: model, options: options)
    }
}
