import HashDB

/// Reads ground truth in the formats of big-ann-benchmarks, query by query in bounded memory; see `GroundTruthKind`.
///
///     let truth = try GroundTruthReader(path: "gt100.bin")
///     while let matches = try truth.next() { … }
///
/// Distances are rounded to whole bits.
public final class GroundTruthReader {
    /// The kind of the file.
    public let kind: GroundTruthKind
    /// The number of queries.
    public let queryCount: Int
    /// Neighbours of each query in `nearest`; nil in `range`.
    public let neighborCount: Int?
    private let path: String
    private let input: ByteInput
    private let total: Int
    private var query = 0
    private var given = 0

    /// Opens a file; its length tells the kind where `kind` is nil.
    ///
    /// - Throws: `CodeFileError`.
    public init(path: String, kind: GroundTruthKind? = nil) throws {
        input = try ByteInput(path: path)
        self.path = input.path
        guard let length = input.length else {
            throw CodeFileError.unsupported(
                path: path, reason: "ground truth is read from several places; give a file, not a pipe")
        }
        let head = try input.read(8, at: 0)
        guard head.count == 8 else { throw CodeFileError.truncated(path: path, expected: 8, found: head.count) }
        let (queries, second) = (head.number(at: 0, bytes: 4), head.number(at: 4, bytes: 4))
        // Neither product can overflow: both numbers have 32 bits, and more answers than 2^24 to a query are out of reason.
        let (asNearest, asRange) = (
            second <= 1 << 24 && length - 8 == 8 * queries * second, length - 8 == 4 * queries + 8 * second
        )
        if kind == nil, asNearest, asRange, queries > 0, second > 0 {
            throw CodeFileError.unsupported(
                path: path, reason: "may be ground truth of either kind by its length; name the kind")
        }
        let found: GroundTruthKind = kind ?? (asNearest ? .nearest : .range)
        guard found == .nearest ? asNearest : asRange else {
            throw CodeFileError.unsupported(
                path: path,
                reason: "not ground truth\(kind.map { " of the kind \($0.rawValue)" } ?? ""), or cut off: "
                    + "\(length) bytes do not go with \(queries) queries and \(second)")
        }
        self.kind = found
        queryCount = queries
        neighborCount = found == .nearest ? second : nil
        total = found == .nearest ? queries * second : second
    }

    /// The neighbours of the next query; nil after the last.
    ///
    /// - Throws: `CodeFileError`.
    public func next() throws -> [Match]? {
        guard query < queryCount else { return nil }
        let count: Int
        if let neighborCount {
            count = neighborCount
        } else {
            count = try Int(word(at: 8 + 4 * query))
        }
        guard count >= 0, count <= total - given else {
            throw CodeFileError.unsupported(
                path: path, reason: "query \(query) has \(count) answers of \(total - given) that are left")
        }
        let idStart = 8 + (neighborCount == nil ? 4 * queryCount : 0)
        let ids = try input.read(4 * count, at: idStart + 4 * given)
        let distances = try input.read(4 * count, at: idStart + 4 * (total + given))
        guard ids.count == 4 * count, distances.count == 4 * count else {
            throw CodeFileError.truncated(path: path, expected: 8 * count, found: ids.count + distances.count)
        }
        let matches = try (0..<count).map { index in
            let id = Int32(truncatingIfNeeded: ids.number(at: 4 * index, bytes: 4))
            let distance = Float(bitPattern: UInt32(truncatingIfNeeded: distances.number(at: 4 * index, bytes: 4)))
            guard id >= 0, let whole = Int(exactly: distance.rounded()), whole >= 0 else {
                throw CodeFileError.unsupported(
                    path: path, reason: "query \(query) has id \(id) at distance \(distance)")
            }
            return Match(id: UInt64(id), distance: whole)
        }
        query += 1
        given += count
        return matches
    }

    private func word(at offset: Int) throws -> Int32 {
        Int32(truncatingIfNeeded: try input.read(4, at: offset).number(at: 0, bytes: 4))
    }
}
