import Foundation
import HashDB
import TestSupport
import Testing

/// SIGKILL at any moment of the commands that write stores: what they said to be done is there, and nothing is half done.
@Suite(.serialized) struct StoreKillTests {
    let space: Workspace
    var tool: Tool { space.tool }
    /// How often each command is killed.
    static let kills = ProcessInfo.processInfo.environment["HASHDB_LONG_TESTS"] == "1" ? 400 : 40

    init() throws {
        space = try Workspace()
    }

    /// The codes of a store, after everything in it was checked.
    private func codes(of name: String) throws -> [UInt64: BinaryCode] {
        #expect(try Store.damagedPages(at: space.file(name)) == [])
        return try Store.open(at: space.file(name), access: .readOnly).read { snapshot in
            try snapshot.checkInvariants()
            var codes: [UInt64: BinaryCode] = [:]
            try snapshot.forEachItem { item in
                codes[item.id] = item.code
                return true
            }
            return codes
        }
    }

    /// Runs the tool to its end, and returns the time that takes in microseconds.
    private func time(_ arguments: [String]) throws -> Double {
        let start = ContinuousClock.now
        let result = try tool.start([Tool.path] + arguments).finish()
        #expect(result.status == 0, "\(result.error)")
        return (ContinuousClock.now - start) / .microseconds(1)
    }

    /// Random numbers whose seed is printed.
    private func randomNumbers(for command: String) -> SplitMix64 {
        let seed = UInt64.random(in: .min ... .max)
        print("\(command): seed \(seed)")
        return SplitMix64(seed: seed)
    }

    /// Runs the tool and kills it before, or about when, it has come to its end by itself.
    private func kill(
        _ arguments: [String], whole: Double, _ generator: inout SplitMix64
    ) throws -> Tool.Result {
        let run = try tool.start([Tool.path] + arguments)
        usleep(UInt32(Double.random(in: 0..<1.3 * whole, using: &generator)))
        run.signal(SIGKILL)
        return try run.finish()
    }

    private func remove(_ name: String) {
        for suffix in ["", "-lock", ".hashdb-part"] {
            try? FileManager.default.removeItem(atPath: space.file(name + suffix))
        }
    }

    @Test func aKilledImportHasBroughtAllOrNothing() throws {
        let files = try (0..<4).map { try space.writeCodes("c\($0).npy", count: 20_000, bits: 64, seed: UInt64($0)) }
        let time = try time(["import", "whole.hashdb", "c0.npy"])
        var generator = randomNumbers(for: "import")
        var (kills, done, whole) = (0, 0, 0)
        while kills < Self.kills {
            if done == files.count {
                remove("s.hashdb")
                done = 0
            }
            let result = try kill(["import", "s.hashdb", "c\(done).npy"], whole: time, &generator)
            let isAcknowledged = result.status == 0
            if isAcknowledged { whole += 1 } else { kills += 1 }
            guard space.exists("s.hashdb") else {
                #expect(!isAcknowledged && done == 0)
                continue
            }
            let found = try codes(of: "s.hashdb")
            if found.count == 20_000 * (done + 1) { done += 1 }
            #expect(found.count == 20_000 * done && (!isAcknowledged || done > 0), "\(result)")
            let expected = files[..<done].joined().enumerated().map { (UInt64($0.offset), $0.element) }
            let isRight = found == Dictionary(uniqueKeysWithValues: expected)
            #expect(isRight)
        }
        #expect(whole > 0)
        print("import: \(kills) kills, \(whole) runs that were not reached by one, nothing lost")
    }

    @Test func aKilledIngestKeepsWhatItHadAndTheNextGoesOn() throws {
        for index in 0..<2500 {
            try space.writePicture("photos/\(index).ppm", seed: UInt64(index), width: 16, height: 12)
        }
        /// Paths and codes, whatever the ids.
        func items(_ store: String) throws -> Set<Substring> {
            Set(try tool.run("dump", store).lines.map { $0.drop { $0 != "\t" } })
        }
        func ingest(_ store: String) -> [String] { ["ingest", store, "photos", "--model", "dhash"] }
        let time = try time(ingest("whole.hashdb"))
        let all = try items("whole.hashdb")
        #expect(all.count == 2500)
        var generator = randomNumbers(for: "ingest")
        var (kills, runs, partial) = (0, 0, 0)
        var kept: Set<Substring> = []
        while kills < Self.kills {
            let result = try kill(ingest("s.hashdb"), whole: time, &generator)
            if result.status == 0 { runs += 1 } else { kills += 1 }
            guard space.exists("s.hashdb") else { continue }
            do { _ = try codes(of: "s.hashdb") } catch HashDBError.notAStore where kept.isEmpty {
                remove("s.hashdb")
                continue
            }
            let found = try items("s.hashdb")
            #expect(found.isSuperset(of: kept) && found.isSubset(of: all), "\(result)")
            if result.status == 0 { #expect(found == all) }
            if !found.isEmpty, found.count < all.count { partial += 1 }
            kept = found
            if found.count == all.count {
                remove("s.hashdb")
                kept = []
            }
        }
        #expect(partial > 0)
        print("ingest: \(kills) kills, \(partial) with a part of the images, \(runs) runs to the end, nothing lost")
    }

    /// Large enough that the kills come in the middle.
    private func makeStore() throws -> [UInt64: BinaryCode] {
        try space.writeCodes("c.npy", count: 150_000, bits: 64)
        let made = try tool.run("import", "s.hashdb", "c.npy")
        #expect(made.status == 0, "\(made.error)")
        return try codes(of: "s.hashdb")
    }

    @Test func aKilledBackupOrCompactionLeavesWholeStores() throws {
        let expected = try makeStore()
        let time = try time(["backup", "s.hashdb", "copy.hashdb"])
        var generator = randomNumbers(for: "backup and compact")
        var (kills, placed, left) = (0, 0, 0)
        while kills < Self.kills {
            let isBackup = kills % 2 == 0
            let place = isBackup ? "copy.hashdb" : "s.hashdb"
            if isBackup { remove("copy.hashdb") }
            let command = isBackup ? ["backup", "s.hashdb", place] : ["compact", place]
            let result = try kill(command, whole: time, &generator)
            if result.status != 0 { kills += 1 }
            if space.exists(place + ".hashdb-part") { left += 1 }
            if isBackup, space.exists(place) { placed += 1 }
            if kills % 5 == 0 {
                let isSame = try codes(of: "s.hashdb") == expected
                #expect(isSame)
            }
            if isBackup, space.exists(place) {
                #expect(try Store.damagedPages(at: space.file(place)) == [])
                #expect(try Store.open(at: space.file(place)).count == expected.count)
            }
        }
        remove("copy.hashdb-lock")
        try? FileManager.default.removeItem(atPath: space.file("copy.hashdb"))
        try space.write([1, 2, 3], to: "copy.hashdb.hashdb-part")
        let result = try tool.run("backup", "s.hashdb", "copy.hashdb")
        #expect(result.status == 0 && result.errorLines.count == 2, "\(result.error)")
        #expect(result.errorLines.first == "hashdb: warning: copy.hashdb: what a killed backup had left was removed")
        for name in ["s.hashdb", "copy.hashdb"] {
            let isSame = try codes(of: name) == expected
            #expect(isSame)
        }
        #expect(try tool.run("compact", "s.hashdb").status == 0)
        #expect(!space.exists("s.hashdb.hashdb-part") && !space.exists("copy.hashdb.hashdb-part"))
        #expect(left > 0 && placed > 0)
        print("backup and compact: \(kills) kills, \(left) with an unfinished copy, \(placed) backups made")
    }

    /// Ctrl-C ends a copy, of which nothing is left; the exit status says so.
    @Test(arguments: [["backup", "s.hashdb", "copy.hashdb"], ["compact", "s.hashdb"]])
    func anInterruptedCopyLeavesNothing(command: [String]) throws {
        let expected = try makeStore()
        let place = command.last ?? ""
        for _ in 1...50 {
            if command[0] == "backup" { remove(place) }
            let run = try tool.start([Tool.path] + command)
            try? run.wait(until: { space.exists(place + ".hashdb-part") })
            run.signal(SIGINT)
            let result = try run.finish()
            #expect(!space.exists(place + ".hashdb-part"))
            // It may have been done already.
            if result.status == 0 { continue }
            #expect(result.status == 130 && result.error.contains("stopping, the store stays as it is"), "\(result)")
            #expect(place == "s.hashdb" || !space.exists(place))
            let isSame = try codes(of: "s.hashdb") == expected
            #expect(isSame)
            return
        }
        Issue.record("no signal came in time")
    }
}
