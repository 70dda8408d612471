import CHashDB
import HashDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@_cdecl("hashdb_within")
package func within(
    store: OpaquePointer?, queries: UnsafeRawPointer?, queryCount: Int, radius: Int32, threads: CInt,
    matches: UnsafeMutablePointer<hashdb_matches>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    withinAmong(
        store: store, filter: nil, queries: queries, queryCount: queryCount, radius: radius, threads: threads,
        matches: matches, error: error)
}

@_cdecl("hashdb_within_among")
package func withinAmong(
    store: OpaquePointer?, filter: UnsafePointer<hashdb_filter>?, queries: UnsafeRawPointer?, queryCount: Int,
    radius: Int32, threads: CInt, matches: UnsafeMutablePointer<hashdb_matches>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let result = try required(matches, "matches")
        result.pointee = hashdb_matches()
        let handle = try Handles.find(store)
        let batch = Batch(
            question: .within(Int(radius)), filter: try filter.map { try itemFilter($0.pointee) },
            queries: try PackedCodes(queries, count: queryCount, bitWidth: handle.store.bitWidth, "queries"))
        guard radius >= 0 else { throw HashDBError.invalidRadius(Int(radius)) }
        let threads = try threadCount(threads)
        let parts = Parts()
        if queryCount > 0 { try batch.run(on: handle, threads: threads) { parts.add($0, $1) } }
        result.pointee = try parts.gathered(queryCount)
    }
}

/// Answers in the order that they come in.
private final class Parts: Sendable {
    private let answers = Mutex<[(rows: Range<Int>, matches: [[Match]])]>([])

    func add(_ rows: Range<Int>, _ matches: [[Match]]) { answers.withLock { $0.append((rows, matches)) } }

    /// The answers in order, in memory that C can free.
    func gathered(_ queryCount: Int) throws -> hashdb_matches {
        // A stretch may have come twice, of two commits: the last counts.
        var answers = [[Match]](repeating: [], count: queryCount)
        for (rows, matches) in self.answers.withLock({ $0 }) {
            for (row, found) in zip(rows, matches) { answers[row] = found }
        }
        var offsets = [0]
        offsets.reserveCapacity(queryCount + 1)
        for found in answers { offsets.append(offsets[offsets.count - 1] + found.count) }
        var result = hashdb_matches()
        do {
            result.query_count = queryCount
            result.offsets = try allocate(offsets.count)
            result.ids = try allocate(offsets[queryCount])
            result.distances = try allocate(offsets[queryCount])
        } catch {
            hashdb_free_matches(&result)
            throw error
        }
        result.offsets.update(from: offsets, count: offsets.count)
        for (row, found) in answers.enumerated() {
            for (at, match) in zip(offsets[row]..., found) {
                result.ids[at] = match.id
                result.distances[at] = Int32(truncatingIfNeeded: match.distance)
            }
        }
        return result
    }
}

/// Memory that C can free; some even for no elements.
private func allocate<T>(_ count: Int) throws -> UnsafeMutablePointer<T> {
    guard let memory = malloc(max(1, count * MemoryLayout<T>.stride)) else { throw HashDBError.outOfMemory }
    return memory.bindMemory(to: T.self, capacity: max(1, count))
}
