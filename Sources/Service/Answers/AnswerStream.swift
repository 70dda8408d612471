import HashDB
import Synchronization

/// The lines of a long answer, made as they are taken: first the commit and how many items there are, then a line for each, then an end mark.
///
/// All is found before the first line goes out, so that no snapshot waits for a client. What a client has taken is held no more.
final class AnswerStream: @unchecked Sendable {
    /// Items of one piece of the answer.
    private static let pieceLength = 4096

    private let lock = Mutex<Void>(())
    // All below is used by who holds the lock.
    private let commit: UInt64
    private let isSingle: Bool
    private let held: HeldItems
    /// What is still to be taken: of the first of these codes, the items from `next` on.
    private var rest: ArraySlice<[Match]>
    private var next = 0
    private var hasBegun = false
    private var hasEnded = false

    init(_ answers: [[Match]], commit: UInt64, isSingle: Bool, _ held: HeldItems) {
        (self.commit, self.isSingle, self.held) = (commit, isSingle, held)
        rest = answers[...]
    }

    /// The next lines; nil after the last.
    func piece() -> [UInt8]? {
        lock.withLock { _ in hasEnded ? nil : Array(lines().utf8) }
    }

    private func lines() -> String {
        var text = ""
        if !hasBegun {
            hasBegun = true
            text = "{\"commit\": \(commit), \"count\": \(rest.reduce(0) { $0 + $1.count })}\n"
        }
        var room = Self.pieceLength
        while room > 0, let matches = rest.first {
            let some = matches[next..<min(next + room, matches.count)]
            for match in some {
                text += isSingle ? "{" : "{\"query\": \(rest.startIndex), "
                text += "\"id\": \(match.id), \"distance\": \(match.distance)}\n"
            }
            room -= some.count
            next = some.endIndex
            guard next == matches.count else { break }
            held.give(matches.count)
            rest[rest.startIndex] = []
            rest = rest.dropFirst()
            next = 0
        }
        if rest.isEmpty {
            hasEnded = true
            text += "{\"end\": true}\n"
        }
        return text
    }
}

/// How many more items may be held of the answers that are being streamed to all clients.
final class StreamRoom: Sendable {
    private let free: Mutex<Int>

    init(items: Int) { free = Mutex(items) }

    /// Returns false, and takes nothing, where there is not so much room.
    fileprivate func take(_ count: Int) -> Bool {
        free.withLock { free in
            guard count <= free else { return false }
            free -= count
            return true
        }
    }
}

/// The items that are held of one answer, which give their room back with their owner.
final class HeldItems: Sendable {
    private let room: StreamRoom
    private let count = Mutex(0)

    init(in room: StreamRoom) { self.room = room }

    deinit { give(count.withLock { $0 }) }

    /// Throws where so many more are too many, for all clients together.
    func take(_ more: Int) throws(ServiceError) {
        guard room.take(more) else {
            throw ServiceError(503, "too many long answers are being taken already; try again")
        }
        count.withLock { $0 += more }
    }

    func give(_ less: Int) {
        count.withLock { $0 -= less }
        _ = room.take(-less)
    }
}
