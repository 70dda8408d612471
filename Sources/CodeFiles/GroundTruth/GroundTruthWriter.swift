import HashDB

/// The kinds of ground truth that big-ann-benchmarks knows.
public enum GroundTruthKind: String, Hashable, Sendable, CaseIterable {
    /// The same number of neighbours for every query: u32 queries, u32 k, then queries × k ids (i32), then as many distances (f32).
    case nearest = "k-nn"
    /// Any number for each: i32 queries, i32 total, a count for each query (i32), then all ids (i32), then all distances (f32).
    case range
}

/// Writes the answers to queries as ground truth in the formats of big-ann-benchmarks; all numbers little-endian.
///
/// Ids and distances wait in files without names until the file is ended, so that memory does not grow with it.
public final class GroundTruthWriter {
    private let file: FileOutput
    private let kind: GroundTruthKind
    private let ids: Spool
    private let distances: Spool
    private let counts: Spool
    private var queries = 0
    private var total = 0
    private var width: Int?

    /// Opens a file, which takes the place of nothing but other ground truth.
    ///
    /// - Throws: `CodeFileError`.
    public init(path: String, kind: GroundTruthKind) throws {
        try OutputPlace(path).check(.groundTruth)
        file = try FileOutput(path: path)
        self.kind = kind
        ids = try Spool()
        distances = try Spool()
        counts = try Spool()
    }

    /// Appends the answer to the next query.
    ///
    /// - Throws: `CodeFileError` where the format cannot say it: ids of 2^31 and more, or another number of neighbours than
    ///   before in `nearest`. Nothing of a query that is refused is written.
    public func append(_ matches: [Match]) throws {
        guard kind == .range || width ?? matches.count == matches.count else {
            throw cannot("query \(queries) has \(matches.count) neighbours and the first \(width ?? 0)")
        }
        if let large = matches.first(where: { $0.id > Int32.max }) {
            throw cannot("id \(large.id) does not fit into the format's 32 bits")
        }
        width = matches.count
        for match in matches {
            try ids.append(littleEndian(Int32(truncatingIfNeeded: match.id)))
            try distances.append(littleEndian(Float(match.distance).bitPattern))
        }
        try counts.append(littleEndian(Int32(clamping: matches.count)))
        queries += 1
        total += matches.count
    }

    /// Ends the file, which then appears under its name.
    ///
    /// - Throws: `CodeFileError`.
    public func finish() throws {
        guard let queries = Int32(exactly: queries), let total = Int32(exactly: total) else {
            throw cannot("more answers than it can count")
        }
        switch kind {
        case .nearest: try file.append(littleEndian(queries) + littleEndian(Int32(width ?? 0)))
        case .range:
            try file.append(littleEndian(queries) + littleEndian(total))
            try counts.drain { try file.append($0) }
        }
        try ids.drain { try file.append($0) }
        try distances.drain { try file.append($0) }
        try file.finish()
    }

    private func cannot(_ reason: String) -> CodeFileError {
        .unsupported(path: file.path, reason: "ground truth cannot be written: \(reason)")
    }
}
