import ArgumentParser
import CodeFiles
import Foundation
import HashDB

/// A failure of the tool's own making; the message is one line that names the thing and the way out.
struct ToolError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The user pressed Ctrl-C, and what was done so far is committed.
struct Interrupted: Error {}

/// How the tool ends after an error: what it says, and its exit status.
struct Failure {
    private let error: any Error

    init(_ error: any Error) {
        self.error = error
    }

    /// Says what there is to say and returns the exit status.
    func report() -> Int32 {
        switch error {
        case is StandardOutput.ReaderGone, CodeFileError.system(_, Int(EPIPE), _):
            return 0
        case is Interrupted: return finish(130)
        case let status as ExitCode: return finish(status.rawValue)
        default:
            break
        }
        switch HashDBTool.exitCode(for: error) {
        case .success:
            // Help or a version that was asked for.
            return finish(0, HashDBTool.fullMessage(for: error) + "\n")
        case .validationFailure:
            StandardError.write("hashdb: error: \(oneLine(HashDBTool.message(for: error))); see \(helpCommand)\n")
            return 64
        default:
            // What was found before the error still counts.
            try? StandardOutput.flush()
            StandardError.write("hashdb: error: \(oneLine("\(error)\(advice)"))\n")
            return 1
        }
    }

    /// Prints what there is still to print. Returns the status, unless that fails.
    private func finish(_ status: Int32, _ text: String = "") -> Int32 {
        do {
            try StandardOutput.write(text)
            try StandardOutput.flush()
            return status
        } catch is StandardOutput.ReaderGone { return status } catch { return Failure(error).report() }
    }

    /// The commands for what the library advises.
    private var advice: String {
        switch error {
        case HashDBError.storeNotFound: " (hashdb ingest and hashdb import make one)"
        case HashDBError.damaged: " (hashdb rebuild)"
        default: ""
        }
    }

    /// The message without line ends and without the full stop of the argument parser.
    private func oneLine(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }

    private var helpCommand: String {
        let command = CommandLine.arguments.dropFirst().first { HashDBTool.commandNames.contains($0) }
        return (["hashdb"] + (command.map { [$0] } ?? []) + ["--help"]).joined(separator: " ")
    }
}
