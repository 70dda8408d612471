import HashDB
import Synchronization

/// The lines of a long answer, found code by code as they are taken, all as of one commit.
///
/// A client may take as long as the service lets it: the snapshot is bound to no closure, so that no thread waits for the client, and no more
/// is held than what one code has.
final class AnswerStream: @unchecked Sendable {
    /// What can be let go of.
    private final class Source {
        let snapshot: Snapshot

        init(_ snapshot: consuming Snapshot) { self.snapshot = snapshot }
    }

    /// Items of one piece of the answer.
    private static let pieceLength = 4096

    private let lock = Mutex<Void>(())
    // All below is used by who holds the lock.
    /// nil once all has been found: what a snapshot reads is not used again as long as it is there.
    private var source: Source?
    private let commit: UInt64
    private let question: SearchQuestion
    private let limits: Limits
    private let room: StreamRoom
    /// The codes after the present one.
    private var rest: ArraySlice<BinaryCode> = []
    /// What the present code has, and which code it is.
    private var matches: [Match] = []
    private var query = 0
    /// The items of the present code whose lines have been taken, and those of all codes up to it.
    private var taken = 0
    private var count = 0
    private var hasBegun = false
    private var hasEnded = false

    /// Finds what the first code has, or all codes together.
    ///
    /// - Throws: `ServiceError`, `HashDBError`.
    init(
        _ question: SearchQuestion, _ snapshot: consuming Snapshot, _ limits: Limits, _ room: StreamRoom,
        by deadline: Deadline
    ) throws {
        (self.question, self.limits, self.room) = (question, limits, room)
        commit = snapshot.commitNumber
        if question.needsAll {
            try hold(question.answers(in: snapshot, limits, by: deadline).first ?? [])
        } else {
            rest = try question.codes(in: snapshot)
            source = Source(snapshot)
            try findNext()
        }
    }

    deinit {
        room.give(matches.count)
    }

    /// The next lines, none where the next code has no items; nil after the last. For each piece one code is searched for at most.
    ///
    /// - Throws: `ServiceError`, `HashDBError`, `CancellationError`; there are no lines after it.
    func next() throws -> [UInt8]? {
        try lock.withLock { _ in try piece() }
    }

    private func piece() throws -> [UInt8]? {
        if hasEnded { return nil }
        do { return Array(try lines().utf8) } catch {
            hasEnded = true
            leave()
            throw error
        }
    }

    /// First the commit, and how many items there are if that is known; then a line for each; then an end mark.
    private func lines() throws -> String {
        if taken == matches.count, !rest.isEmpty {
            query += 1
            try findNext()
        }
        var text = ""
        if !hasBegun {
            hasBegun = true
            let number = question.isSingle ? ", \"count\": \(count)" : ""
            text = "{\"commit\": \(commit)\(number)}\n"
        }
        let end = min(taken + Self.pieceLength, matches.count)
        for match in matches[taken..<end] {
            text += question.isSingle ? "{" : "{\"query\": \(query), "
            text += "\"id\": \(match.id), \"distance\": \(match.distance)}\n"
        }
        taken = end
        if taken == matches.count, rest.isEmpty {
            hasEnded = true
            leave()
            text += "{\"end\": true, \"count\": \(count)}\n"
        }
        return text
    }

    private func findNext() throws {
        leave()
        if let code = rest.popFirst(), let source {
            try hold(question.matches(of: code, in: source.snapshot, atMost: limits.streamed - count))
        }
        if rest.isEmpty { source = nil }
    }

    private func hold(_ found: [Match]) throws {
        try limits.check(items: count + found.count, isStreamed: true)
        guard room.take(found.count) else {
            throw ServiceError(503, "too many long answers are being taken already; try again")
        }
        matches = found
        count += found.count
    }

    /// Lets go of what the present code has.
    private func leave() {
        room.give(matches.count)
        matches = []
        taken = 0
    }
}

/// How many more items may be held of the answers that are being streamed to all clients.
final class StreamRoom: Sendable {
    private let free: Atomic<Int>

    init(items: Int) {
        free = Atomic(items)
    }

    /// Returns false, and takes nothing, where there is not so much room.
    func take(_ count: Int) -> Bool {
        if free.subtract(count, ordering: .relaxed).newValue >= 0 { return true }
        give(count)
        return false
    }

    func give(_ count: Int) {
        free.add(count, ordering: .relaxed)
    }
}
