import Foundation
import HashDB
import Testing

/// A commit that comes in another's place under the same number is told from it, and its contents are.
struct CommitIdentityTests: FollowingSteps {
    private struct Seen {
        let number: UInt64
        let identity: CommitIdentity
        let sighting: CommitSighting

        init(_ store: Store) throws {
            (number, identity, sighting) = try store.read {
                ($0.commitNumber, $0.commitIdentity, try CommitSighting($0))
            }
        }
    }

    /// Who has begun to answer from one commit must not go on with the other.
    private func expectOther(_ after: Seen, than before: Seen) {
        #expect(after.number == before.number)
        #expect(after.identity != before.identity && !after.sighting.hasContents(of: before.sighting))
        let work = SharedWork(count: 100, tasks: 2, leastChunk: 1)
        #expect(work.agrees(on: before.identity) && !work.agrees(on: after.identity))
        #expect(work.agrees(on: before.identity))
    }

    @Test(arguments: [false, true]) func whatReplacesEverythingIsAnother(recordsBefore: Bool) throws {
        try withStore { store, _ in
            let leader = try Store.temporary(bitWidth: 64)
            try leader.recordChanges()
            if recordsBefore { try store.recordChanges() }
            try store.write { try $0.insert(1, code: code(1)) }
            try leader.write { try $0.insert(2, code: code(2)) }
            let before = try Seen(store)
            try receive(ship(leader, after: nil), store, replacing: true)
            try expectOther(Seen(store), than: before)
            #expect(try store.read { try $0.contains(2) })
        }
    }

    /// LMDB's numbers of its commits are the same, too.
    @Test func whatAnotherFileOfTheNameHasIsAnother() throws {
        try withStore { store, directory in
            try store.write { try $0.insert(1, code: code(1)) }
            let before = try Seen(store)
            let other = directory + "/other.hashdb"
            do {
                let store = try Store.create(at: other, bitWidth: 64, options: .unsynchronised)
                try store.write { try $0.insert(2, code: code(2)) }
            }
            for path in [store.path, other] { unlink(path + "-lock") }
            #expect(rename(other, store.path) == 0)
            // A read may be a tenth of a second late.
            usleep(250_000)
            try expectOther(Seen(store), than: before)
            #expect(try store.read { try $0.contains(2) })
        }
    }

    @Test func aFoldAndAnotherCollectionLeaveTheContents() throws {
        try withStore { store, _ in
            try store.write { try $0.insert(1, code: code(1)) }
            let before = try Seen(store)
            #expect(try Seen(store).identity == before.identity)
            try store.fold()
            let folded = try Seen(store)
            #expect(folded.identity != before.identity && folded.sighting.hasContents(of: before.sighting))
            let other = try Store.create(at: store.path, collection: "other", bitWidth: 8, options: .unsynchronised)
            try other.write { try $0.setAttribute([1], forKey: "a") }
            let beside = try Seen(store)
            #expect(beside.identity != folded.identity && beside.sighting.hasContents(of: before.sighting))
            try store.write { try $0.insert(2, code: code(2)) }
            #expect(try !Seen(store).sighting.hasContents(of: beside.sighting))
        }
    }
}
