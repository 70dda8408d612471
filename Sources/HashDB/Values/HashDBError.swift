import LMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What can go wrong in a store. A description is one line that names the thing and says what to do: show `"\(error)"`, as `localizedDescription`
/// knows nothing of it.
///
/// Cases may come in minor versions: give a `switch` over it a `default`.
public enum HashDBError: Error, Equatable, Sendable {
    /// There is no file at the path.
    case storeNotFound(path: String)
    /// A store was to be created where a file is already.
    case storeExists(path: String)
    /// The file is something else than a store of hashdb.
    case notAStore(path: String, reason: String)
    /// The store was written in another version of the format.
    case unsupportedVersion(path: String, found: Int)
    /// A part of the store is not what was written.
    case damaged(path: String, part: String, reason: String)
    /// Another writer, here or in another process, held the store for longer than `Store.Options.busyTimeout`; or a copy is being made to the
    /// same place.
    case busy(path: String)
    /// A write was begun within this thread's own write of the same file, for which it would wait for ever.
    case nestedWrite(path: String)
    /// A write was tried on a store that is open, or can be opened, for reading only.
    case readOnly(path: String)
    /// The device is full, or a quota or limit is met. The store is as of its last commit.
    case diskFull(path: String, reason: String)
    /// A system call failed with that `errno`, or LMDB with a code of its own, which is negative: -30790 where 2,046 snapshots are open.
    case system(path: String, code: Int, reason: String)
    /// A code's width is not a multiple of 8 from 8 to 1024 bits.
    case invalidWidth(Int)
    /// A code of one width met a store of another.
    case codeWidthMismatch(expected: Int, found: Int)
    /// A text is not a code in hexadecimal.
    case invalidHex(String)
    /// The number of neighbours asked for is less than 1.
    case invalidCount(Int)
    /// The radius is less than 0.
    case invalidRadius(Int)
    /// An item of that id is in the store already.
    case duplicateID(UInt64)
    /// There is no item of that id.
    case unknownID(UInt64)
    /// The largest id is taken, so that there is no next one.
    case idsExhausted
    /// The store's codes were made by another model.
    case modelMismatch(store: ModelIdentity?, given: ModelIdentity)
    /// An attribute's key is empty or longer than 400 bytes, or a model's name or fingerprint is too long.
    case invalidName(String)
    /// Numbers of ids and of codes that should be equal are not.
    case countMismatch(ids: Int, codes: Int)
    /// Packed codes of so many bytes, of which each code has so many, end within a code.
    case incompleteCode(bytes: Int, bytesPerCode: Int)
    /// The store has no collection of that name.
    case unknownCollection(path: String, name: String, existing: [String])
    /// A collection was to be made where there is one of that name already.
    case collectionExists(path: String, name: String)
    /// The collection was removed, or removed and made anew, since it was opened.
    case collectionRemoved(path: String)
    /// A collection's name is not 1 to 40 of a–z, 0–9, `-`, `.` and `_`, of which the first is a letter or a digit.
    case invalidCollectionName(String)
    /// The store has as many collections as it can have.
    case tooManyCollections(path: String)
    /// The collection that was to be opened has codes of another width, in bits, than those that it was to be opened for.
    case collectionHasOtherWidth(path: String, name: String, bitWidth: Int, wanted: Int)
    /// The collection that was to be opened has codes of another model than those that it was to be opened for.
    case collectionHasOtherModel(path: String, name: String, model: ModelIdentity?, wanted: ModelIdentity)
    /// The only collection of a store was to be removed.
    case onlyCollection(path: String, name: String)
    /// What changed since that position is not known: it is not recorded, not any more, or the position is another store's.
    case unknownPosition(path: String, position: StorePosition, reason: String)
    /// A shipment goes on from another position than the store's, or holds all of another store.
    case notFollowing(path: String, reason: String)
    /// Bytes are no shipment, or not all of one, or not as they were written.
    case damagedShipment(reason: String)
    /// There was not enough memory for the answer.
    case outOfMemory
}

extension HashDBError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .storeNotFound(let path): "\(path): no such store; create it first, or check the path"
        case .storeExists(let path): "\(path): there is a file already; open it, or choose another path"
        case .notAStore(let path, let reason): "\(path): not a hashdb store (\(reason))"
        case .unsupportedVersion(let path, let found):
            "\(path): written in version \(found) of the format, and this program reads version \(StoreHeader.version); use a matching hashdb"
        case .damaged(let path, let part, let reason):
            "\(path): damaged in \(part): \(reason); restore it from a backup, or save what is whole by a rebuild"
        case .busy(let path):
            "\(path): another writer, here or in another process, is at work; try again when it has finished"
        case .nestedWrite(let path):
            "\(path): a write within a write of the same thread; use the transaction that is there"
        case .readOnly(let path): "\(path): can only be read; open it for writing, or check its permissions"
        case .diskFull(let path, let reason):
            "\(path): no room to write (\(reason)); the store is as of its last commit"
        case .system(let path, _, let reason): "\(path): \(reason)"
        case .invalidWidth(let bits): "a code of \(bits) bits: the width must be a multiple of 8 from 8 to 1024"
        case .codeWidthMismatch(let expected, let found):
            "a code of \(found) bits, but the store holds codes of \(expected) bits"
        case .invalidHex(let text):
            "\"\(text.prefix(80))\" is not a code in hexadecimal: write two of 0-9 a-f for each byte"
        case .invalidCount(let count): "\(count) neighbours asked for: the number must be at least 1"
        case .invalidRadius(let radius): "a radius of \(radius): it must be at least 0"
        case .duplicateID(let id): "id \(id) is in the store already; upsert to replace it"
        case .unknownID(let id): "there is no item of id \(id)"
        case .idsExhausted: "the largest possible id is taken; give an id yourself"
        case .modelMismatch(let store?, let given):
            "the store's codes were made by \(store.name) (\(store.fingerprint)), not by "
                + "\(given.name) (\(given.fingerprint)); use that model, or a collection of its own"
        case .modelMismatch(nil, let given):
            "the store's codes came without a model, not from \(given.name) (\(given.fingerprint)); use a collection of its own"
        case .invalidName(let name): "\"\(name.prefix(80))\" is empty or too long for a name"
        case .countMismatch(let ids, let codes): "\(ids) ids for \(codes) codes"
        case .incompleteCode(let bytes, let bytesPerCode):
            "\(bytes) bytes of packed codes: the store's codes have \(bytesPerCode) bytes each, so the last is not whole"
        case .unknownCollection(let path, let name, let existing):
            "\(path): it has no collection \(name); it has \(existing.joined(separator: ", "))"
        case .collectionExists(let path, let name):
            "\(path): it has a collection \(name) already; open it, or choose another name"
        case .collectionHasOtherWidth(let path, let name, let bitWidth, let wanted):
            "\(path): its collection \(name) holds codes of \(bitWidth) bits, not of \(wanted); use a collection of its own, or another store"
        case .collectionHasOtherModel(let path, let name, let model?, let wanted):
            "\(path): the codes of its collection \(name) were made by \(model.name) (\(model.fingerprint)), not by "
                + "\(wanted.name) (\(wanted.fingerprint)); use that model, or a collection of its own"
        case .collectionHasOtherModel(let path, let name, nil, let wanted):
            "\(path): the codes of its collection \(name) came without a model, not from \(wanted.name) "
                + "(\(wanted.fingerprint)); use a collection of its own"
        case .collectionRemoved(let path):
            "\(path): it was removed, or made anew, since it was opened; open it again"
        case .invalidCollectionName(let name):
            "\"\(name.prefix(80))\" is no name of a collection: take 1 to 40 of a-z, 0-9, -, . and _, first a letter or digit"
        case .tooManyCollections(let path):
            "\(path): it has \(Store.maximumCollections) collections, and can have no more; remove one, or use another store"
        case .onlyCollection(let path, let name):
            "\(path): \(name) is its only collection; remove the file instead"
        case .unknownPosition(let path, let position, let reason):
            "\(path): what changed since \(position) is not known (\(reason)); ship all of it, or make a new copy by a backup"
        case .notFollowing(let path, let reason): "\(path): the shipment does not fit the store: \(reason)"
        case .damagedShipment(let reason): "the shipment is damaged: \(reason); nothing was changed; ship again"
        case .outOfMemory: "not enough memory for the answer; ask for fewer neighbours or a smaller radius"
        }
    }

    init(_ error: LMDBError) {
        self =
            switch error {
            case .notFound(let path): .storeNotFound(path: path)
            case .exists(let path): .storeExists(path: path)
            case .notAnEnvironment(let path, let reason): .notAStore(path: path, reason: reason)
            case .cutOff(let path, let bytes, let expected):
                .damaged(path: path, part: "file", reason: "it ends after \(bytes) of \(expected) bytes")
            case .damaged(let path, let page, let reason):
                .damaged(path: path, part: page.map { "page \($0)" } ?? "a page", reason: reason)
            case .busy(let path): .busy(path: path)
            case .nestedWrite(let path): .nestedWrite(path: path)
            case .readOnly(let path): .readOnly(path: path)
            case .full(let path, let reason): .diskFull(path: path, reason: reason)
            case .mapFull: .outOfMemory
            case .databaseClosed(let path):
                .system(path: path, code: Int(EINVAL), reason: "a collection was removed while it was used")
            case .tooManyDatabases(let path): .tooManyCollections(path: path)
            case .failed(let path, let code, let reason): .system(path: path, code: Int(code), reason: reason)
            }
    }

    /// Runs `body`, whose errors of LMDB come out as this type's. Those of a snapshot's transaction are of this type already.
    static func translating<R: ~Copyable>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as LMDBError { throw HashDBError(error) }
    }
}
