/// Why a file gave no pixels: one clear line that names the file and the reason.
public struct ImageDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: ImagePath
    /// What is the matter with it.
    public let reason: Reason

    /// Makes an error.
    public init(path: ImagePath, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// `PATH: REASON`.
    public var description: String { "\(path): \(reason)" }

    /// What can be the matter with an image file.
    public enum Reason: Hashable, Sendable {
        /// The file was there when its directory was read, or was named by the caller, and is not.
        case vanished
        /// Its size or modification time changed while it was read, twice.
        case changedWhileRead
        /// It holds other bytes than those that a store has recorded.
        case changedSince
        /// The system refuses to open or read it; its message.
        case unreadable(String)
        /// Not a regular file: a directory, a pipe, a device …
        case notAFile(String)
        /// Nothing in it.
        case empty
        /// More bytes than `limit`.
        case tooManyBytes(limit: Int)
        /// No image format that is read here; the name of the format where it is recognised.
        case unknownFormat(recognised: String?)
        /// The header promises more pixels than `limit`; they were not decoded.
        case tooManyPixels(width: Int, height: Int, limit: Int)
        /// The format is known but the data is broken or truncated; the decoder's words.
        case damaged(format: String, String)
        /// The format is read where hashdb was built with a library, which this one was not.
        case libraryMissing(format: String, library: String)
        /// The decoding library does not work on this machine; its words.
        case decoderUnavailable(String)
    }
}

extension ImageDecodingError.Reason: CustomStringConvertible {
    /// The reason without the file.
    public var description: String {
        switch self {
        case .vanished: "no such file"
        case .changedWhileRead: "changed while it was read"
        case .changedSince: "holds other bytes than those that were recorded"
        case .unreadable(let message): "cannot be read: \(message)"
        case .notAFile(let kind): "is \(kind), not a file"
        case .empty: "empty file"
        case .tooManyBytes(let limit): "larger than \(limit) bytes"
        case .unknownFormat(nil): "not an image of a known format"
        case .unknownFormat(let name?): "\(name) is not among the formats that are read"
        case .tooManyPixels(let width, let height, let limit):
            "\(width) × \(height) pixels are more than the limit of \(limit)"
        case .damaged(let format, let message): "damaged \(format) image: \(message)"
        case .libraryMissing(let format, let library):
            "\(format) is not read here: hashdb was built without \(library)"
        case .decoderUnavailable(let message): "cannot be decoded: \(message)"
        }
    }
}
