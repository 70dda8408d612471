import HashDB

/// A file of an image as a store recorded it: the same bytes, below the same root.
public struct RecordedFile: Sendable {
    /// Where it is.
    public let path: ImagePath
    /// What it holds: what the record says.
    public let bytes: [UInt8]

    /// Reads the first of an image's files that is as the store recorded it.
    ///
    /// Nothing else is ever read to be handed on: not what a symbolic link leads to outside of the directory that the image was found below,
    /// and not what has taken a file's name since.
    /// - Throws: `ImageDecodingError` if there is no such file, with the reason why the last was none.
    public init(of record: ImageRecord, below roots: ImageRoots, limits: ImageDecoder.Limits = .init()) throws {
        var reason: ImageDecodingError?
        for place in record.places {
            guard let root = roots[place.root], let path = roots.path(of: place) else { continue }
            do {
                guard record.size <= limits.fileBytes else {
                    throw ImageDecodingError(path: path, reason: .tooManyBytes(limit: limits.fileBytes))
                }
                let (actual, actualRoot) = (try path.resolved(), try root.resolved())
                guard actual.isWithin(actualRoot) else { throw ImageDecodingError(path: path, reason: .vanished) }
                let contents = try FileContents.read(actual, limit: limits.fileBytes, followLinks: false)
                guard UInt64(contents.bytes.count) == record.size, ContentHash(of: contents.bytes) == record.contentHash
                else { throw ImageDecodingError(path: path, reason: .changedSince) }
                (self.path, bytes) = (path, contents.bytes)
                return
            } catch let error as ImageDecodingError {
                reason = error
            } catch {
                reason = ImageDecodingError(path: path, reason: .vanished)
            }
        }
        throw reason ?? ImageDecodingError(path: ImagePath("image"), reason: .vanished)
    }
}
