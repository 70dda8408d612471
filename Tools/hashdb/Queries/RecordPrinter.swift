import HashDB

/// Prints answers as records of 16 bytes, for programs: u32 number of the query, u32 distance, u64 id, little-endian.
struct RecordPrinter {
    private var query: UInt32 = 0

    /// Prints the answer to the next query.
    mutating func write(_ matches: [Match]) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 * matches.count)
        for match in matches {
            withUnsafeBytes(of: (query.littleEndian, UInt32(match.distance).littleEndian, match.id.littleEndian)) {
                bytes += $0
            }
        }
        try StandardOutput.write(bytes: bytes)
        let (next, isPast) = query.addingReportingOverflow(1)
        guard !isPast else { throw ToolError("records count 4,294,967,295 queries at most; ask in several runs") }
        query = next
    }
}
