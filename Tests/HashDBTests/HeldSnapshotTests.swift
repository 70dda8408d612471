import Foundation
import HashDB
import Testing

/// Snapshots that no closure bounds, as the interfaces to other languages have them.
@Suite struct HeldSnapshotTests {
    /// Room for a snapshot, from which it can be taken away.
    private final class Holder {
        let snapshot: Snapshot
        init(_ store: Store) throws { snapshot = try store.heldSnapshot() }
    }

    private func code(_ number: UInt64) throws -> BinaryCode {
        try BinaryCode(bytes: withUnsafeBytes(of: number.littleEndian) { Array($0) })
    }

    private func put(_ ids: Range<UInt64>, round: UInt64, into store: Store) throws {
        try store.write { transaction in
            for id in ids {
                try transaction.upsert(id, code: code(id &* round), payload: [UInt8](repeating: 1, count: 500))
            }
        }
    }

    @Test func itStaysAsItIsOnWhicheverThread() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised)
            try put(0..<300, round: 1, into: store)
            nonisolated(unsafe) let holder = try Holder(store)
            for round in 2..<40 as Range<UInt64> { try put(0..<400, round: round, into: store) }
            try store.fold()
            nonisolated(unsafe) var failure: (any Error)?
            let thread = Thread {
                do {
                    try holder.snapshot.checkInvariants()
                    for id in 0..<300 as Range<UInt64> { #expect(try holder.snapshot.code(of: id) == code(id)) }
                    #expect(try holder.snapshot.nearest(to: code(17), count: 1) == [Match(id: 17, distance: 0)])
                } catch { failure = error }
            }
            thread.start()
            while !thread.isFinished { usleep(1000) }
            #expect(failure == nil)
            #expect(holder.snapshot.count == 300)
            #expect(try store.count == 400)
        }
    }

    /// Who would have to wait for it until for ever is told so, and can write as soon as it is gone.
    @Test func theMapGrowsWhenItIsGone() throws {
        try withTemporaryDirectory { directory in
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 18
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: options)
            try put(0..<10, round: 1, into: store)
            var holder: Holder? = try Holder(store)
            var written: UInt64 = 10
            let error = #expect(throws: HashDBError.self) {
                while written < 10_000 {
                    try put(written..<written + 100, round: 1, into: store)
                    written += 100
                }
            }
            guard case .system(_, let code, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(code == Int(EDEADLK))
            #expect(reason.contains("snapshot"))
            #expect(holder?.snapshot.count == 10)
            #expect(try store.count == Int(written))
            holder = nil
            try put(written..<written + 1000, round: 1, into: store)
            #expect(try store.count == Int(written) + 1000)
            try store.read { try $0.checkInvariants() }
        }
    }

    /// While it lives reads are answered from its file, and writes to another file that has taken the name are refused.
    @Test func anotherFileOfTheNameIsTakenUpWhenItIsGone() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            let store = try Store.create(at: path, bitWidth: 64, options: .unsynchronised)
            try put(0..<10, round: 1, into: store)
            var holder: Holder? = try Holder(store)
            let other = directory + "/other.hashdb"
            do { try put(0..<20, round: 3, into: Store.create(at: other, bitWidth: 64, options: .unsynchronised)) }
            unlink(path + "-lock")
            unlink(other + "-lock")
            #expect(rename(other, path) == 0)
            usleep(300_000)
            #expect(try store.count == 10)
            #expect {
                try put(100..<101, round: 1, into: store)
            } throws: { if case HashDBError.system(_, let number, _) = $0 { number == Int(EDEADLK) } else { false } }
            #expect(try store.count == 10)
            #expect(try holder?.snapshot.code(of: 9) == code(9))
            holder = nil
            try put(100..<101, round: 1, into: store)
            #expect(try store.count == 21)
            #expect(try store.read { try $0.code(of: 9) } == code(27))
        }
    }
}
