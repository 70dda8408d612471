import CodeFiles
import HashDB
import ImageCodes

/// Why a request is not answered as it was asked: a status of HTTP, and one line that says what is wrong.
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status of the response.
    package let status: Int
    /// What is wrong, for the client's eyes.
    package let message: String

    /// The message.
    package var description: String { message }

    /// An error of these parts.
    package init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    /// What an error of a library means to a client.
    ///
    /// - Parameter name: what clients call the store; they need not know where it lies.
    init(_ error: any Error, store name: String?) {
        let store = name.map { "the store \($0)" } ?? "the store"
        switch error {
        case let error as ServiceError: self = error
        case is CancellationError: self.init(503, "no answer in time; ask for less")
        case let error as HashDBError: self = Self.of(error, store)
        case let error as ImageDecodingError: self.init(422, "the image: \(error.reason)")
        case is ImageRecordError: self.init(500, "\(store) is damaged: a record of an image is not what it should be")
        default: self.init(500, "the request failed: \(error)")
        }
    }

    private static func of(_ error: HashDBError, _ store: String) -> ServiceError {
        switch error {
        case .invalidHex, .codeWidthMismatch, .invalidCount, .invalidRadius, .invalidWidth, .countMismatch,
            .incompleteCode:
            ServiceError(400, "\(error)")
        case .duplicateID(let id):
            ServiceError(409, "id \(id) is in \(store) already; \"replace\": true replaces it")
        case .unknownID: ServiceError(404, "\(error)")
        case .busy: ServiceError(503, "\(store) is being written to by another; try again")
        case .readOnly: ServiceError(403, "\(store) can only be read")
        case .diskFull: ServiceError(507, "there is no room to write; \(store) is as of its last commit")
        case .outOfMemory: ServiceError(503, "\(error)")
        case .damaged(_, let part, let reason): ServiceError(500, "\(store) is damaged in \(part): \(reason)")
        case .storeNotFound, .collectionRemoved, .unknownCollection:
            ServiceError(503, "\(store) was removed, or made anew; start the service again")
        default: ServiceError(500, "\(store) cannot be used")
        }
    }
}
