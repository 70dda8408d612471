import Foundation
import StoreHistories
import TestSupport
import Testing

/// A folder for stores and logs.
typealias Scratch = TemporaryFolder

extension Scratch {
    /// Removes a store, its lock file, and its copies.
    func removeStore(_ path: String) {
        let copies = [path, StoreHistory.backupPath(of: path)]
        for name in copies + copies.map(Self.unfinished) {
            for suffix in ["", "-lock"] { try? FileManager.default.removeItem(atPath: name + suffix) }
        }
    }

    /// The name under which a copy is written.
    static func unfinished(_ path: String) -> String { path + ".hashdb-part" }
}

/// The program `storewriter` at work on a history, in a process of its own, which ends with its owner.
final class WriterProcess {
    private let process: pid_t
    private var hasEnded = false
    private let outputPath: String

    /// The program beside the bundle of tests.
    private static let program: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let url = bundle.map { URL(fileURLWithPath: $0) } ?? Bundle.main.executableURL ?? URL(fileURLWithPath: "/")
        return url.deletingLastPathComponent().appendingPathComponent("storewriter").path
    }()

    /// Starts it; see its source for what it does.
    convenience init(
        _ store: String, _ history: StoreHistory, from first: Int, count: Int, synchronous: Bool, retries: Bool = false,
        faults: [String: String] = [:], scratch: Scratch
    ) throws {
        let command = Self.command(
            store, history, from: first, count: count, synchronous: synchronous, retries: retries)
        try self.init(command, store: store, faults: faults, scratch: scratch)
    }

    /// The words that start it.
    static func command(
        _ store: String, _ history: StoreHistory, from first: Int, count: Int, synchronous: Bool, retries: Bool
    ) -> [String] {
        [program, store, "\(history.seed)", "\(first)", "\(count)", synchronous ? "sync" : "nosync"]
            + (history.hasCopies ? ["copies"] : []) + (retries ? ["retry"] : [])
    }

    /// Starts a line of shell that runs it.
    convenience init(shell line: String, scratch: Scratch) throws {
        try self.init(["/bin/sh", "-c", line], store: "", faults: [:], scratch: scratch)
    }

    /// Starts it to compact a store again and again, of which it acknowledges each time by its number.
    convenience init(compacting store: String, scratch: Scratch) throws {
        try self.init([Self.program, store, "compact"], store: store, faults: [:], scratch: scratch)
    }

    private init(_ command: [String], store: String, faults: [String: String], scratch: Scratch) throws {
        outputPath = scratch.file("output-\(UUID().uuidString)")
        var variables = ProcessInfo.processInfo.environment
        if !faults.isEmpty {
            variables["LD_PRELOAD"] = try Interposer.library.get()
            variables["HASHDB_FAULT_FILE"] = store
            for (name, value) in faults { variables["HASHDB_FAULT_" + name] = value }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let arguments = command.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, command[0], &actions, nil, arguments, settings)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        self.process = process
    }

    deinit {
        guard !hasEnded else { return }
        kill()
        _ = wait()
    }

    /// What a run came to.
    struct Outcome {
        /// The exit status; 128 and the signal's number where one ended it.
        let status: Int32
        /// The last step that it acknowledged; nil: not even that the store is there.
        let acknowledged: Int?
        /// The failures that it reported.
        let failures: [String]
        /// What it found wrong after a failure.
        let contradictions: [String]
    }

    /// The lines that it has written whole so far.
    private var lines: [Substring] {
        let text = (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    /// The last step that it has acknowledged so far.
    var acknowledged: Int? { lines.compactMap { Int($0) }.last }

    /// Waits until it has said that the store is open, or has ended.
    func waitUntilOpen() {
        wait {
            var status = stat()
            return stat(outputPath, &status) == 0 && status.st_size > 0
        }
    }

    /// Waits until it has acknowledged a step, or has ended.
    func waitUntil(acknowledged step: Int) {
        wait { (acknowledged ?? -1) >= step }
    }

    private func wait(until isDone: () -> Bool) {
        for _ in 0..<20_000 {
            if isDone() { return }
            var information = siginfo_t()
            waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
            if information.si_signo != 0 { return }
            usleep(500)
        }
    }

    func kill() { _ = Foundation.kill(process, SIGKILL) }

    private func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        hasEnded = true
        return status
    }

    /// Waits for its end.
    func finish() -> Outcome {
        let status = wait()
        let lines = self.lines
        try? FileManager.default.removeItem(atPath: outputPath)
        return Outcome(
            status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
            acknowledged: lines.compactMap { Int($0) }.last,
            failures: lines.filter { $0.hasPrefix("failed") }.map(String.init),
            contradictions: lines.filter { $0.hasPrefix("wrong") }.map(String.init))
    }
}

/// The library that stands between `storewriter` and the system; see Interposer.c.
enum Interposer {
    /// Where the compiled library is.
    static let library = Result { try compile() }

    private static func compile() throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Interposer.c")
        let library = NSTemporaryDirectory() + "hashdb-interposer-\(getpid()).so"
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "clang", "-shared", "-fPIC", "-O1", "-w", "-o", library, source.path, "-ldl", "-lpthread",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw POSIXError(.ENOEXEC) }
        atexit { unlink(NSTemporaryDirectory() + "hashdb-interposer-\(getpid()).so") }
        return library
    }
}
