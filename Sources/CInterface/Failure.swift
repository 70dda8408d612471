import CHashDB
import HashDB

/// What only callers from C can do wrong.
enum Failure: Error {
    case closed
    case invalid(String)
}

/// Runs `body`, and tells in C's way what became of it.
func attempt(_ error: UnsafeMutablePointer<hashdb_error>?, _ body: () throws -> Void) -> CInt {
    do {
        try body()
        error?.pointee.status = 0
        error?.pointee.system_code = 0
        error?.pointee.message.0 = 0
        return 0
    } catch let thrown {
        let status = hashdb_status(thrown)
        if let error {
            error.pointee.status = Int32(bitPattern: status.rawValue)
            error.pointee.system_code = systemCode(thrown)
            withUnsafeMutableBytes(of: &error.pointee.message) { copy(message(thrown), to: $0) }
        }
        return CInt(bitPattern: status.rawValue)
    }
}

/// Writes a text and a zero, and cuts the text between two characters where there is no room for all of it.
func copy(_ text: String, to target: UnsafeMutableRawBufferPointer) {
    var bytes = ArraySlice(text.utf8)
    if bytes.count >= target.count {
        bytes = bytes.prefix(target.count - 1)
        // A byte 10xxxxxx goes on with a character.
        while let next = text.utf8.dropFirst(bytes.count).first, next >> 6 == 0b10 { bytes.removeLast() }
    }
    target.copyBytes(from: bytes)
    target[bytes.count] = 0
}

private func message(_ error: any Error) -> String {
    switch error {
    case Failure.closed: "the handle is closed, or never was one"
    case Failure.invalid(let reason): reason
    default: "\(error)"
    }
}

private func systemCode(_ error: any Error) -> Int32 {
    if case HashDBError.system(_, let code, _) = error { Int32(truncatingIfNeeded: code) } else { 0 }
}

extension hashdb_status {
    init(_ error: any Error) {
        self =
            switch error {
            case Failure.closed: HASHDB_CLOSED
            case is Failure: HASHDB_INVALID_ARGUMENT
            case let error as HashDBError: Self(error)
            default: HASHDB_UNEXPECTED
            }
    }

    private init(_ error: HashDBError) {
        self =
            switch error {
            case .storeNotFound, .unknownCollection: HASHDB_NOT_FOUND
            case .storeExists, .collectionExists: HASHDB_EXISTS
            case .notAStore: HASHDB_NOT_A_STORE
            case .unsupportedVersion: HASHDB_UNSUPPORTED_VERSION
            case .damaged: HASHDB_DAMAGED
            case .busy, .nestedWrite: HASHDB_BUSY
            case .readOnly: HASHDB_READ_ONLY
            case .diskFull: HASHDB_DISK_FULL
            case .system: HASHDB_SYSTEM
            case .invalidWidth, .codeWidthMismatch, .invalidHex, .invalidCount, .invalidRadius, .invalidName,
                .countMismatch, .incompleteCode, .collectionHasOtherWidth,
                .invalidCollectionName, .onlyCollection, .unknownPosition, .notFollowing, .damagedShipment:
                HASHDB_INVALID_ARGUMENT
            case .duplicateID: HASHDB_DUPLICATE_ID
            case .unknownID: HASHDB_UNKNOWN_ID
            case .idsExhausted: HASHDB_IDS_EXHAUSTED
            case .modelMismatch, .collectionHasOtherModel: HASHDB_MODEL_MISMATCH
            case .collectionRemoved: HASHDB_REMOVED
            case .tooManyCollections: HASHDB_TOO_MANY
            case .outOfMemory: HASHDB_OUT_OF_MEMORY
            }
    }
}
