import Foundation
import HashDB
import StoreHistories
import Testing

/// Limits that the system sets, without any part played: each is an error that names the file, leaves the store as it was, and is over when its
/// cause is.
@Suite struct LimitTests {
    private let scratch: Scratch
    private let history: StoreHistory
    private let steps = 40
    private var store: String { scratch.file("s.hashdb") }

    init() throws {
        scratch = try Scratch(inMemory: true)
        history = try StoreHistory(seed: 411, copies: true)
    }

    /// The words that carry out the history from a step on, for a shell.
    private func words(from first: Int, count: Int, retries: Bool, at path: String? = nil) -> String {
        WriterProcess.command(
            path ?? store, history, from: first, count: count, synchronous: true, retries: retries
        ).map { "'\($0)'" }.joined(separator: " ")
    }

    private func run(_ line: String) throws -> WriterProcess.Outcome {
        try WriterProcess(shell: line, scratch: scratch).finish()
    }

    /// Checks the store after steps of which the last is known, and goes on from there.
    private func checkAndGoOn(after step: Int, _ comment: String) throws {
        var expected = ExpectedStore(history)
        try expected.check(Store.open(at: store), acknowledged: step, "\(comment)")
        #expect(try Store.damagedPages(at: store) == [])
        let outcome = try run(words(from: expected.step + 1, count: 10, retries: false))
        #expect(outcome.status == 0 && outcome.failures.isEmpty, "\(outcome)")
        try expected.check(Store.open(at: store), acknowledged: expected.step + 10, "after \(comment)")
    }

    @Test func aLimitOnTheSizeOfFiles() throws {
        // In blocks of 512 bytes. The system may say it by a signal too, which ends whoever does not ignore it.
        let line = "trap '' XFSZ; ulimit -f 400; exec "
        let outcome = try run(line + words(from: 1, count: steps, retries: true))
        let last = try #require(outcome.acknowledged)
        #expect(outcome.status == 1 && last > 0 && last < steps, "\(outcome)")
        #expect(outcome.contradictions.isEmpty && outcome.failures.count == 50, "\(outcome)")
        for failure in outcome.failures { #expect(failure.contains(store) && failure.contains("too large")) }
        try checkAndGoOn(after: last, "a limit on the size of files")
    }

    @Test(arguments: ["0x6969", "0xff534d42"]) func aNetworkFileSystemIsRefused(kind: String) throws {
        let faults = ["STATFS": kind]
        func outcome() throws -> WriterProcess.Outcome {
            try WriterProcess(store, history, from: 1, count: 3, synchronous: true, faults: faults, scratch: scratch)
                .finish()
        }
        // Neither is a store made there nor one that is there opened, and nothing is left.
        #expect(try outcome().status == 1)
        #expect(!FileManager.default.fileExists(atPath: store))
        #expect(!FileManager.default.fileExists(atPath: store + "-lock"))
        #expect(try run(words(from: 1, count: 3, retries: false)).status == 0)
        let refused = try outcome()
        #expect(refused.status == 1 && refused.acknowledged == nil, "\(refused)")
        try checkAndGoOn(after: 3, "a network file system")
    }

    @Test(.enabled(if: Privileges.canMount, "needs a name space of its own for mounts"))
    func aFullDevice() throws {
        let device = scratch.file("device")
        try FileManager.default.createDirectory(atPath: device, withIntermediateDirectories: true)
        let full = words(from: 1, count: steps, retries: true, at: device + "/s.hashdb")
        // The first run ends where the device is full; then there is room, and the second goes on from there in the same place.
        let line = """
            mount -t tmpfs -o size=300k none '\(device)' || exit 9
            \(full) && exit 8
            cp '\(device)/s.hashdb' '\(store)' || exit 7
            mount -o remount,size=64m '\(device)' || exit 6
            exec \(words(from: 1, count: 1, retries: false, at: device + "/s.hashdb"))
            """
        let script = scratch.file("script")
        try line.write(toFile: script, atomically: true, encoding: .utf8)
        let outcome = try run("exec unshare -rm sh '\(script)'")
        #expect(outcome.status == 0 && outcome.acknowledged == 1 && outcome.contradictions.isEmpty, "\(outcome)")
        #expect(outcome.failures.count == 50)
        for failure in outcome.failures {
            #expect(failure.contains(device + "/s.hashdb") && failure.contains("space"), "\(failure)")
        }
        let failed = try #require(outcome.failures.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        #expect(failed > 1 && failed < steps)
        try checkAndGoOn(after: failed - 1, "a full device")
    }

    @Test(.enabled(if: Privileges.canMount, "needs a name space of its own for mounts"))
    func aFileSystemThatCanOnlyBeRead() throws {
        #expect(try run(words(from: 1, count: 20, retries: false)).acknowledged == 20)
        let script = scratch.file("script")
        // What is there is read after each failure.
        let line = """
            mount --bind '\(scratch.path)' '\(scratch.path)' && mount -o remount,bind,ro '\(scratch.path)' || exit 9
            exec \(words(from: 21, count: 1, retries: true))
            """
        try line.write(toFile: script, atomically: true, encoding: .utf8)
        let outcome = try run("exec unshare -rm sh '\(script)'")
        #expect(outcome.status == 1 && outcome.acknowledged == nil && outcome.failures.count == 50, "\(outcome)")
        #expect(outcome.contradictions.isEmpty, "\(outcome)")
        for failure in outcome.failures { #expect(failure.contains(store) && failure.contains("only be read")) }
        try checkAndGoOn(after: 20, "a file system that can only be read")
    }

    @Test(.enabled(if: Privileges.canBeGivenUp, "needs a user without privileges, or setpriv"))
    func permissionsThatForbidWriting() throws {
        #expect(try run(words(from: 1, count: 20, retries: false)).acknowledged == 20)
        func run(_ command: String) throws -> WriterProcess.Outcome {
            try self.run(Privileges.givenUp + command)
        }
        func set(_ path: String, _ permissions: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
        }
        // The store can be read, as its lock file can be written to.
        try set(store, 0o400)
        var outcome = try run(words(from: 21, count: 1, retries: true))
        #expect(outcome.status == 1 && outcome.failures.count == 50 && outcome.contradictions.isEmpty, "\(outcome)")
        for failure in outcome.failures { #expect(failure.contains(store) && failure.contains("only be read")) }
        // Whoever reads says so in the lock file, which is named.
        try set(store + "-lock", 0o400)
        outcome = try run(words(from: 21, count: 1, retries: false))
        #expect(outcome.status == 1 && outcome.failures.count == 1, "\(outcome)")
        #expect(outcome.failures.allSatisfy { $0.contains(store + "-lock: ") }, "\(outcome)")
        try set(store, 0o000)
        try set(store + "-lock", 0o600)
        outcome = try run(words(from: 21, count: 1, retries: false))
        #expect(outcome.status == 1 && outcome.failures.count == 1, "\(outcome)")
        #expect(outcome.failures.allSatisfy { $0.contains(store + ": Permission denied") }, "\(outcome)")
        try set(store, 0o600)
        try checkAndGoOn(after: 20, "permissions that forbid writing")
    }

    @Test(.enabled(if: Privileges.canBeGivenUp, "needs a user without privileges, or setpriv"))
    func aDirectoryThatForbidsWriting() throws {
        let directory = scratch.file("closed")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
        let store = directory + "/s.hashdb"
        let outcome = try run(Privileges.givenUp + words(from: 1, count: 1, retries: false, at: store))
        #expect(outcome.status == 1 && outcome.failures.count == 1, "\(outcome)")
        #expect(outcome.failures.allSatisfy { $0.contains(store + ": Permission denied") }, "\(outcome)")
        #expect(access(store, F_OK) != 0 && access(store + "-lock", F_OK) != 0)
    }
}

/// What this machine lets the tests do.
enum Privileges {
    /// Whether a process may mount file systems that nobody else sees.
    static let canMount = succeeds("unshare -rm true")
    /// Whether a process can be started that permissions hold for.
    static let canBeGivenUp = succeeds(givenUp + "true")
    /// What starts a command as somebody whom permissions hold for: nobody else needs to be there, and files stay one's own.
    static let givenUp =
        getuid() == 0 ? "exec setpriv --bounding-set=-dac_override,-dac_read_search " : "exec "

    private static func succeeds(_ line: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
