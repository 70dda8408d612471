import Foundation
import Testing

/// The built tool, run as a process of its own in a folder of its own.
struct Tool {
    /// What a run left behind.
    struct Result {
        let status: Int32
        let output: String
        let error: String

        /// The lines of standard output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
        /// The lines of standard error.
        var errorLines: [String] { error.split(separator: "\n").map(String.init) }
    }

    /// Where relative paths start.
    let folder: String

    /// The tool beside the bundle of tests, which runs by itself or is named to the program that runs it.
    static let path: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let url = bundle.map { URL(fileURLWithPath: $0) } ?? Bundle.main.executableURL ?? URL(fileURLWithPath: "/")
        return url.deletingLastPathComponent().appendingPathComponent("hashdb").path
    }()

    /// Runs the tool to its end.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try start([Self.path] + arguments, environment: environment).finish()
    }

    /// Runs a line of shell, in which `hashdb` is the tool.
    func shell(_ line: String) throws -> Result {
        try start(["/bin/sh", "-c", "hashdb() { '\(Self.path)' \"$@\"; }\n" + line]).finish()
    }

    /// Starts a program, its output going to files so that no pipe can fill up.
    func start(_ command: [String], environment: [String: String] = [:]) throws -> RunningProgram {
        let stem = NSTemporaryDirectory() + "EndToEndTests-output-" + UUID().uuidString
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        variables["LC_ALL"] = environment["LC_ALL"] ?? "C"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, stem + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, stem + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var process: pid_t = 0
        // The shell changes the folder and becomes the program.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + command
        let arguments = shell.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        let code = posix_spawn(&process, shell[0], &actions, nil, arguments, settings)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        return RunningProgram(process: process, stem: stem)
    }
}

/// A program that was started.
struct RunningProgram {
    let process: pid_t
    let stem: String

    /// What it has said on standard error so far.
    var error: String { (try? String(contentsOfFile: stem + ".err", encoding: .utf8)) ?? "" }

    /// Waits until something has come about; fails after a minute, or when the program has ended.
    func wait(until condition: () -> Bool) throws {
        for _ in 0..<60_000 {
            if condition() { return }
            if hasEnded, !condition() { throw Ended(error: error) }
            usleep(1_000)
        }
        throw Ended(error: error)
    }

    /// Whether it ends by itself within so many seconds.
    func ends(within seconds: Int) -> Bool {
        for _ in 0..<seconds * 1_000 where !hasEnded { usleep(1_000) }
        return hasEnded
    }

    /// Whether it has come to its end.
    var hasEnded: Bool {
        var information = siginfo_t()
        waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
        return information.si_signo != 0
    }

    /// The program has ended, or did not get on.
    struct Ended: Error {
        let error: String
    }

    func signal(_ number: Int32) {
        kill(process, number)
    }

    /// Waits for its end.
    func finish() throws -> Tool.Result {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        defer {
            try? FileManager.default.removeItem(atPath: stem + ".out")
            try? FileManager.default.removeItem(atPath: stem + ".err")
        }
        // Killed by a signal: 128 and its number, as a shell has it.
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        let output = try Data(contentsOf: URL(fileURLWithPath: stem + ".out"))
        return Tool.Result(status: code, output: String(decoding: output, as: UTF8.self), error: error)
    }
}
