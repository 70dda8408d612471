import CodeFiles
import HashDB
import ImageCodes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a request is not answered as it was asked: a status of HTTP, and one line that says what is wrong.
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status of the response.
    package let status: Int
    /// What is wrong, for the client's eyes.
    package let message: String
    /// What went wrong within, for the operator's eyes; nil where the client is told all that there is.
    package let cause: String?

    /// The message.
    package var description: String { message }

    /// An error of these parts.
    package init(_ status: Int, _ message: String) {
        self.init(status, message, cause: nil)
    }

    private init(_ status: Int, _ message: String, cause: (any Error)?) {
        self.status = status
        self.message = message
        self.cause = cause.map { "\($0)" }
    }

    /// As a line of an answer whose status has gone out already.
    package var line: [UInt8] { Array("\(JSONValue.object([.init("error", .string(message))]))\n".utf8) }

    /// What an error of a library means to a client.
    ///
    /// - Parameter name: what clients call the store; they need not know where it lies.
    package init(_ error: any Error, store name: String?) {
        let store = name.map { "the store \($0)" } ?? "the store"
        switch error {
        case let error as ServiceError: self = error
        case is CancellationError: self.init(503, "no answer in time; ask for less")
        case let error as HashDBError: self = Self.of(error, store)
        case let error as ImageDecodingError: self.init(422, "the image: \(error.reason)")
        case is ImageRecordError:
            self.init(500, "\(store) is damaged: a record of an image is not what it should be", cause: error)
        default: self.init(500, "the request failed; the log of the service tells why", cause: error)
        }
    }

    private static func of(_ error: HashDBError, _ store: String) -> ServiceError {
        switch error {
        case .invalidHex, .codeWidthMismatch, .invalidCount, .invalidRadius, .invalidWidth, .countMismatch,
            .incompleteCode:
            ServiceError(400, "\(error)")
        case .duplicateID(let id):
            ServiceError(409, "id \(id) is in \(store) already; \"replace\": true replaces it")
        case .idsExhausted: ServiceError(409, "\(error)")
        case .unknownID: ServiceError(404, "\(error)")
        case .busy: ServiceError(503, "\(store) is being written to by another; try again")
        case .readOnly: ServiceError(403, "\(store) can only be read")
        case .diskFull:
            ServiceError(507, "there is no room to write; \(store) is as of its last commit", cause: error)
        case .outOfMemory: ServiceError(503, "\(error)", cause: error)
        // What is being copied to the file's name may come to be whole.
        case .damaged(_, "file", let reason): ServiceError(503, "\(store) is cut off: \(reason)", cause: error)
        case .damaged(_, let part, let reason):
            ServiceError(500, "\(store) is damaged in \(part): \(reason)", cause: error)
        case .storeNotFound, .collectionRemoved, .unknownCollection:
            ServiceError(503, "\(store) was removed, or made anew; start the service again", cause: error)
        case .notAStore, .unsupportedVersion:
            ServiceError(503, "another file has taken the place of \(store)", cause: error)
        case .system(_, let code, _) where passing.contains(code):
            ServiceError(503, "\(store) cannot be used at the moment; try again", cause: error)
        default: ServiceError(500, "\(store) cannot be used; the log of the service tells why", cause: error)
        }
    }

    /// What the library says where others are in the way, answers that are being streamed among them.
    private static let passing = Set([EAGAIN, EBUSY, EDEADLK, ESTALE].map { Int($0) })
}
