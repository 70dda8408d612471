import Foundation
import HashDB
import Synchronization

/// Queries that are answered many at a time, on all cores, but as if one after the other in one snapshot.
struct QueryBatches {
    let store: Store
    let search: SearchOptions

    /// As many queries as have about this many neighbours together, so that memory is bounded.
    private static let neighbours = 1 << 18
    /// How many are within a radius is only known of the queries before: a few, then more.
    private var firstSize: Int { search.radius == nil ? min(4096, max(64, Self.neighbours / (search.k ?? 10))) : 16 }

    /// How many queries come next, after so many with so many answers.
    private func size(after queries: Int, with matches: Int) -> Int {
        guard search.radius != nil else { return firstSize }
        return max(1, min(4 * queries, queries * Self.neighbours / max(1, matches), 1024))
    }

    /// Calls `body` with each query and its answer, in order.
    func forEachAnswer(
        to source: any QuerySource, _ snapshot: borrowing Snapshot,
        _ body: (Subject, [Match], borrowing Snapshot) throws -> Void
    ) throws {
        var size = firstSize
        while true {
            var queries: [Subject] = []
            while queries.count < size, let query = try source.next(snapshot) { queries.append(query) }
            if queries.isEmpty { return }
            let answers = try answers(to: queries.map(\.code), snapshot)
            size = self.size(after: queries.count, with: answers.reduce(0) { $0 + $1.count })
            for (query, matches) in zip(queries, answers) { try body(query, matches, snapshot) }
        }
    }

    /// The answers as of the snapshot: those of the last commit, unless there has been another since.
    private func answers(to codes: [BinaryCode], _ snapshot: borrowing Snapshot) throws -> [[Match]] {
        let (store, search) = (store, search)
        let answers = try waitFor { try await search.run(codes, in: store) }
        let isSame = try store.read { $0.commitIdentity } == snapshot.commitIdentity
        return isSame ? answers : try search.run(codes, in: snapshot)
    }
}

/// Runs asynchronous work to its end, for a thread that has nothing else to do.
private func waitFor<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) throws -> R {
    let done = DispatchSemaphore(value: 0)
    let result = ResultBox<R>()
    Task.detached {
        do { result.set(.success(try await work())) } catch { result.set(.failure(error)) }
        done.signal()
    }
    done.wait()
    return try result.get()
}

/// What a task hands to the thread that waits for it.
private final class ResultBox<R: Sendable>: Sendable {
    private let result = Mutex<Result<R, any Error>?>(nil)

    func set(_ new: Result<R, any Error>) { result.withLock { $0 = new } }
    func get() throws -> R {
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}
