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
    /// - Throws: `HashDBError.codeWidthMismatch` or `modelMismatch` where what is there is for other codes; as `open`, but for `storeNotFound`
    ///   and `unknownCollection`; as `create`, but for `storeExists` and `collectionExists`.
    public static func openOrCreate(
        at path: String, collection: String = Store.defaultCollection, bitWidth: Int, model: ModelIdentity? = nil,
        options: Options = Options()
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
                throw HashDBError.codeWidthMismatch(expected: store.bitWidth, found: bitWidth)
            }
            if let model, store.model != model { throw HashDBError.modelMismatch(store: store.model, given: model) }
            return store
        }
        while true {
            if let store = try existing() { return store }
            do {
                return try create(
                    at: path, collection: collection, bitWidth: bitWidth, model: model, options: options)
            } catch let error as HashDBError {
                switch error {
                // Somebody was faster.
                case .storeExists, .collectionExists: continue
                default: throw error
                }
            }
        }
    }

    /// Makes an empty store without a name, for tests and for what is needed for a while: nothing is left of it, however this process ends.
    ///
    /// It is as any other, but for what goes by a path: it has one collection, and cannot be opened again or copied.
    /// - Parameters:
    ///   - bitWidth: The number of bits of every code, a multiple of 8 from 8 to 1024.
    ///   - model: Which model makes the codes, if one does.
    ///   - directory: Where its room is; by default what `TMPDIR` names, or `/tmp`.
    ///   - options: How it is opened. It is never waited for the device.
    /// - Throws: As `create`.
    public static func temporary(
        bitWidth: Int, model: ModelIdentity? = nil, directory: String? = nil, options: Options = Options()
    ) throws -> Store {
        let folder = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var options = options
        options.synchronous = false
        options.losesName = true
        let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return try create(at: "\(folder)/hashdb-\(number)", bitWidth: bitWidth, model: model, options: options)
    }
}
