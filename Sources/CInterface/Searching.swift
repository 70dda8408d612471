import CHashDB
import HashDB

@_cdecl("hashdb_nearest")
package func nearest(
    store: OpaquePointer?, queries: UnsafeRawPointer?, queryCount: Int, k: Int, threads: CInt,
    ids: UnsafeMutablePointer<UInt64>?, distances: UnsafeMutablePointer<Int32>?, counts: UnsafeMutablePointer<Int>?,
    error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    nearestAmong(
        store: store, filter: nil, queries: queries, queryCount: queryCount, k: k, threads: threads, ids: ids,
        distances: distances, counts: counts, error: error)
}

@_cdecl("hashdb_nearest_among")
package func nearestAmong(
    store: OpaquePointer?, filter: UnsafePointer<hashdb_filter>?, queries: UnsafeRawPointer?, queryCount: Int, k: Int,
    threads: CInt, ids: UnsafeMutablePointer<UInt64>?, distances: UnsafeMutablePointer<Int32>?,
    counts: UnsafeMutablePointer<Int>?, error: UnsafeMutablePointer<hashdb_error>?
) -> CInt {
    attempt(error) {
        let handle = try Handles.find(store)
        let batch = Batch(
            question: .nearest(k), filter: try filter.map { try itemFilter($0.pointee) },
            queries: try PackedCodes(queries, count: queryCount, bitWidth: handle.store.bitWidth, "queries"))
        guard k >= 1 else { throw HashDBError.invalidCount(k) }
        try checkSize(queryCount, of: k, "the number of queries times k")
        let answers = NearestAnswers(
            k: k, ids: try room(ids, queryCount * k, "ids"),
            distances: try room(distances, queryCount * k, "distances"),
            counts: counts)
        let threads = try threadCount(threads)
        guard queryCount > 0 else { return }
        try batch.run(on: handle, threads: threads) { rows, found in
            for (row, matches) in zip(rows, found) { answers.set(row, matches) }
        }
    }
}

/// A caller's memory for the nearest items, a row for each query. Threads fill in different rows.
private struct NearestAnswers: @unchecked Sendable {
    let k: Int
    let ids: UnsafeMutableBufferPointer<UInt64>
    let distances: UnsafeMutableBufferPointer<Int32>
    let counts: UnsafeMutablePointer<Int>?

    func set(_ row: Int, _ matches: [Match]) {
        var at = row * k
        for match in matches {
            ids[at] = match.id
            distances[at] = Int32(truncatingIfNeeded: match.distance)
            at += 1
        }
        while at < (row + 1) * k {
            ids[at] = .max
            distances[at] = -1
            at += 1
        }
        counts?[row] = matches.count
    }
}
