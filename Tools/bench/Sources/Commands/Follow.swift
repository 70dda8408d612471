import ArgumentParser
import Foundation
import HashDB

/// What it costs to record changes, and to bring a copy up to date by them, beside copying the whole store.
struct Follow: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time commits with and without recording, and a shipment beside a backup; the copies are compared.")

    @Option(help: "The items of the store, random codes of 64 bits.") var items = 1_000_000
    @Option(help: "The commits that are timed, and then shipped.") var commits = 2000
    @Option(help: "The items that each of them changes, scattered over all.") var perCommit = 10
    @Option(help: "Where the stores go; the device counts.") var dir = "/tmp"

    func run() throws {
        guard items > 0, commits > 0, perCommit > 0 else { throw ValidationError("all numbers are at least 1") }
        let folder = URL(fileURLWithPath: dir).appendingPathComponent("hashdb-follow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        var generator = Xoshiro(named: "follow")
        try makeStore(path("plain"), &generator)
        try Store.backup(path("plain"), to: path("leader"))
        let (plain, leader) = try (Store.open(at: path("plain")), Store.open(at: path("leader")))
        try leader.recordChanges()
        try Store.backup(path("leader"), to: path("follower"))
        let follower = try Store.open(at: path("follower"))

        var (without, with) = (Times(), Times())
        for _ in 0..<commits {
            let changes = (0..<perCommit).map { _ in (UInt64(generator.index(below: items)), generator.next()) }
            // By turns, so that a drift of the machine hits both alike.
            try without.measure { try change(plain, changes) }
            try with.measure { try change(leader, changes) }
        }
        var (shipping, receiving, copying) = (Times(), Times(), Times())
        var pieces: [[UInt8]] = []
        let position = try follower.read { try $0.position }
        let shipped = try shipping.measure {
            try leader.read { snapshot in try snapshot.ship(after: position) { pieces.append($0) } }
        }
        let bytes = pieces.reduce(0) { $0 + $1.count }
        pieces.reverse()
        _ = try receiving.measure { try follower.receive { pieces.popLast() } }
        let copy = try copying.measure { try Store.backup(path("leader"), to: path("copy")) }
        guard try contents(leader) == contents(follower), try contents(plain) == contents(follower) else {
            throw BenchError("the follower does not hold what the leader holds")
        }
        report(without, with, shipped, bytes, shipping, receiving, copying, copy)
    }

    private func makeStore(_ path: String, _ generator: inout Xoshiro) throws {
        var codes = CodeArray(bitWidth: 64)
        codes.reserve(items)
        for _ in 0..<items { codes.appendUniform(&generator) }
        try Store.create(at: path, bitWidth: 64).bulkLoad { try $0.append(packedCodes: codes.packed(0..<items)) }
    }

    private func change(_ store: Store, _ changes: [(UInt64, UInt64)]) throws {
        try store.write { transaction in
            for (id, word) in changes {
                try transaction.upsert(id, code: BinaryCode(bytes: withUnsafeBytes(of: word) { Array($0) }))
            }
        }
    }

    private func contents(_ store: Store) throws -> [Item] {
        try store.read { snapshot in
            var all: [Item] = []
            try snapshot.forEachItem {
                all.append($0)
                return true
            }
            return all
        }
    }

    private func report(
        _ without: Times, _ with: Times, _ shipped: Int, _ bytes: Int, _ shipping: Times, _ receiving: Times,
        _ copying: Times, _ copy: CopyReport
    ) {
        print("\(items) items, \(commits) commits that change \(perCommit) each and wait for the device")
        var table = TextTable(["µs", "p50", "p99", "mean"], leftColumns: 1)
        for (name, times) in [("commit", without), ("commit, recorded", with)] {
            let summary = times.summary
            table.append([
                name, Format.microseconds(summary?.median), Format.microseconds(summary?.percentile99),
                Format.number(times.total / Double(times.count)),
            ])
        }
        print(table.text)
        print(
            "\(shipped) items shipped in \(bytes) bytes: \(milliseconds(shipping)) ms to write, \(milliseconds(receiving)) ms to receive"
        )
        print("a backup of \(copy.bytes) bytes: \(milliseconds(copying)) ms")
    }

    private func milliseconds(_ times: Times) -> String { Format.number(times.total / 1000) }
}
