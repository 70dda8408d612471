import CodeFiles
import HashDB
import ImageCodes
import PerceptualHashes

/// One query: what to call it, and its code.
struct Subject {
    /// In JSON: a row number, code, id or path.
    let label: JSONValue
    /// To a person.
    let name: String
    /// The image that it is the code of, if it is one.
    var image: ImagePath?
    let code: BinaryCode
    /// The codes of the image turned and mirrored, itself among them, if they are asked for.
    var variants: [(variant: ImageVariant, code: BinaryCode)] = []
}

/// Queries one after the other.
protocol QuerySource: AnyObject {
    /// The next query; nil after the last. An image that cannot be read is an error, after which the next call goes on.
    func next(_ snapshot: borrowing Snapshot) throws -> Subject?
}

extension QuerySource {
    /// The next query that can be asked, after `note` has been told of those that cannot.
    func next(
        _ snapshot: borrowing Snapshot, passingOver note: (ImageDecodingError) throws -> Void
    ) throws -> Subject? {
        while true {
            do { return try next(snapshot) } catch let error as ImageDecodingError { try note(error) }
        }
    }
}

/// Queries that are known already.
final class ListSource: QuerySource {
    private var rest: ArraySlice<Subject>

    init(_ subjects: [Subject]) {
        rest = subjects[...]
    }

    func next(_ snapshot: borrowing Snapshot) -> Subject? {
        rest.popFirst()
    }
}

/// Image files, decoded and encoded as they are needed, some at a time.
final class ImageSource: QuerySource {
    private var rest: ArraySlice<ImagePath>
    private var ready: ArraySlice<Result<Subject, ImageDecodingError>> = []
    private let model: ImageModel
    private let withVariants: Bool

    /// Images that are encoded together.
    private static let batch = 64

    init(paths: [ImagePath], model: ImageModel, withVariants: Bool) {
        rest = paths[...]
        self.model = model
        self.withVariants = withVariants
    }

    func next(_ snapshot: borrowing Snapshot) throws -> Subject? {
        if ready.isEmpty, !rest.isEmpty {
            let paths = rest.prefix(withVariants ? 1 : Self.batch)
            rest = rest.dropFirst(paths.count)
            ready = try subjects(Array(paths))[...]
        }
        return try ready.popFirst()?.get()
    }

    private func subjects(_ paths: [ImagePath]) throws -> [Result<Subject, ImageDecodingError>] {
        do {
            if withVariants {
                return try paths.map { path in
                    let variants = try model.variants(of: path)
                    return .success(subject(path, variants[0].code, variants))
                }
            }
            return zip(paths, try model.codes(of: paths)).map { .success(subject($0, $1)) }
        } catch let error as ImageDecodingError {
            // One of them; each by itself shows which.
            return paths.count == 1 ? [.failure(error)] : try paths.flatMap { try subjects([$0]) }
        }
    }

    private func subject(
        _ path: ImagePath, _ code: BinaryCode, _ variants: [(variant: ImageVariant, code: BinaryCode)] = []
    ) -> Subject {
        Subject(
            label: .text(path.bytes), name: path.description, image: path, code: code, variants: variants)
    }
}

/// The codes of items of the store itself.
final class StoredItemSource: QuerySource {
    private var rest: ArraySlice<UInt64>
    private let store: String

    init(ids: [UInt64], store: Store) {
        rest = ids[...]
        self.store = store.title
    }

    func next(_ snapshot: borrowing Snapshot) throws -> Subject? {
        guard let id = rest.popFirst() else { return nil }
        guard let code = try snapshot.code(of: id) else {
            throw ToolError("--id \(id): \(store) has no such item; hashdb dump lists those that it has")
        }
        let image = try snapshot.imagePaths(of: id).first
        return Subject(label: .unsigned(id), name: "id \(id)", image: image, code: code)
    }
}

/// The codes of a file, read as they are needed.
final class CodeFileSource: QuerySource {
    private let codes: StoreCodes
    private var bytes: ArraySlice<UInt8> = []
    private var row = 0

    init(path: String, options: CodeFileOptions, store: Store) throws {
        codes = try StoreCodes(path, options: options, for: store)
    }

    func next(_ snapshot: borrowing Snapshot) throws -> Subject? {
        if bytes.isEmpty {
            guard let more = try codes.next(upTo: 4096) else { return nil }
            bytes = more.packedCodes[...]
        }
        let size = codes.layout.byteCount
        defer {
            bytes = bytes.dropFirst(size)
            row += 1
        }
        return Subject(label: .integer(row), name: "row \(row)", code: try BinaryCode(bytes: bytes.prefix(size)))
    }
}
