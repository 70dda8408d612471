import Foundation
import HashDB
import Testing

/// Readers of other processes: those that die, those that stay for long, and those that a fork has made.
@Suite(.serialized) struct ReaderTests {
    private static let shared = SharedStore(of: "ReaderTests")

    private static func fill(_ store: Store, round: Int) throws {
        try store.write { transaction in
            for id in 0..<200 as Range<UInt64> {
                try transaction.upsert(
                    id, code: BinaryCode(hex: "00000000000000a5"),
                    payload: [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 2000))
            }
        }
    }

    private func withStore(_ body: (Store) async throws -> Void) async throws {
        try await Self.shared.with { store, _ in
            try Self.fill(store, round: 0)
            try await body(store)
        }
    }

    private func fileBytes(_ store: Store) throws -> Int { try store.read { try $0.statistics().fileBytes } }

    /// Without readers the file stops growing; with one that has died it must as well, in a process that has the store open all the time.
    @Test func aReaderThatDiesDoesNotKeepPages() async throws {
        try await withStore { store in
            for round in 1..<40 { try Self.fill(store, round: round) }
            let before = try fileBytes(store)
            for _ in 0..<3 {
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    let store = try ReaderTests.shared.open()
                    try store.read { snapshot in
                        #expect(snapshot.count == 200)
                        kill(getpid(), SIGKILL)
                    }
                }
            }
            for round in 1..<400 { try Self.fill(store, round: round) }
            #expect(try fileBytes(store) < 2 * before)
            try await store.read { try $0.checkInvariants() }
        }
    }

    /// A snapshot keeps its pages, and what it reads is what it was, whatever is written and merged.
    @Test func aSnapshotThatStaysIsNamedAndIsNotWrittenOver() async throws {
        try await withStore { store in
            try store.read { snapshot in
                for round in 1..<60 { try Self.fill(store, round: round) }
                try store.fold()
                try snapshot.checkInvariants()
                try snapshot.forEachItem(payloads: true) { item in
                    #expect(item.payload == [UInt8](repeating: 0, count: 2000))
                    return true
                }
                #expect(try snapshot.statistics().readers >= 1)
            }
            let payload = try store.read { try $0.item(5)?.payload }
            #expect(payload == [UInt8](repeating: 59, count: 2000))
        }
    }

    /// After fork the child is refused the parent's store, may open it anew, and its end does not touch the parent's snapshots.
    @Test func aForkedChildOpensTheStoreAnew() async throws {
        try await withStore { _ in
            await #expect(processExitsWith: .success) {
                typealias Fork = @convention(c) () -> pid_t
                let symbol = try #require(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork"))
                let fork = unsafeBitCast(symbol, to: Fork.self)
                let path = try ReaderTests.shared.path
                let store = try Store.open(at: path, options: .unsynchronised)
                try store.read { snapshot in
                    let child = fork()
                    if child == 0 {
                        // Only what is said by the exit status comes back.
                        func isRefused(_ body: () throws -> Void) -> Bool {
                            do { try body() } catch HashDBError.system(path, _, let reason) {
                                return reason.contains("fork")
                            } catch {}
                            return false
                        }
                        guard isRefused({ _ = try store.count }) else { _exit(2) }
                        guard isRefused({ try ReaderTests.fill(store, round: 1) }) else { _exit(3) }
                        do {
                            let own = try Store.open(at: path, options: .unsynchronised)
                            for round in 1..<60 { try ReaderTests.fill(own, round: round) }
                            guard try own.count == 200 else { _exit(4) }
                        } catch { _exit(5) }
                        exit(0)
                    }
                    var status: Int32 = 0
                    #expect(waitpid(child, &status, 0) == child)
                    #expect(status == 0, "exit status \(status >> 8), signal \(status & 127)")
                    try snapshot.checkInvariants()
                    try snapshot.forEachItem(payloads: true) { item in
                        #expect(item.payload == [UInt8](repeating: 0, count: 2000))
                        return true
                    }
                }
                let payload = try store.read { try $0.item(5)?.payload }
                #expect(payload == [UInt8](repeating: 59, count: 2000))
            }
        }
    }
}
