// The calls that open and make stores, under their names for tasks.
//
// They run on threads of the library's own that no search waits for: whoever opens a file waits for the snapshots of the process where another
// file has taken its place, and whoever adds a collection for its writer.
extension Store {
    /// Opens a store; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own.
    /// - Throws: `CancellationError` if the task is cancelled before it begins; else as the call that is not `async`.
    public static func open(
        at path: String, collection: String = Store.defaultCollection, access: Access = .readWrite,
        options: Options = Options()
    ) async throws -> Store {
        try await WorkThreads.files.run {
            try open(at: path, collection: collection, access: access, options: options)
        }
    }

    /// Makes an empty store: a file with one collection, or a further collection in a file; see the call that is not `async`.
    ///
    /// It runs as `open` does.
    /// - Throws: `CancellationError` if the task is cancelled before it begins, or while others write; else as the call that is not `async`.
    public static func create(
        at path: String, collection: String = Store.defaultCollection, bitWidth: Int, model: ModelIdentity? = nil,
        options: Options = Options()
    ) async throws -> Store {
        try await WorkThreads.files.run {
            try creating(at: path, collection, bitWidth: bitWidth, model, options, giveUp: Task.checkCancellation)
        }
    }

    /// Opens a store, or makes it if it is not there: the file, or the collection in it; see the call that is not `async`.
    ///
    /// It runs as `open` does.
    /// - Throws: `CancellationError` if the task is cancelled before it begins, or while others write; else as the call that is not `async`.
    public static func openOrCreate(
        at path: String, collection: String = Store.defaultCollection, bitWidth: Int, model: ModelIdentity? = nil,
        options: Options = Options()
    ) async throws -> Store {
        try await WorkThreads.files.run {
            try openingOrCreating(
                at: path, collection, bitWidth: bitWidth, model, options, giveUp: Task.checkCancellation)
        }
    }

    /// The collections of a file as of one commit: the default one first, then by name; see the call that is not `async`.
    ///
    /// It runs as `open` does.
    /// - Throws: As `open`.
    public static func collections(at path: String, options: Options = Options()) async throws -> [StoredCollection] {
        try await WorkThreads.files.run { try collections(at: path, options: options) }
    }
}
