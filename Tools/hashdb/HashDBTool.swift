import ArgumentParser
import Foundation

/// The command-line tool: every command is a file under `Commands`, and works on the libraries' public API alone.
///
/// What scripts may rely on: results go to standard output and all else to standard error; the exit status is 0 when done, 1 on
/// failure, 11 when duplicates were found and asked for by `--fail-if-found`, 64 on wrong usage and 130 when interrupted after committing what
/// was done.
@main
struct HashDBTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hashdb",
        abstract: "Exact nearest neighbours of binary codes and of images, from a store on disk.",
        discussion: """
            Exit status: 0 done, 1 failure, 11 duplicates found (--fail-if-found), 64 wrong usage, 130 interrupted after committing \
            what was done.
            Results go to standard output, everything else to standard error.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Images", subcommands: [Ingest.self, Watch.self, Frames.self, Query.self]),
            CommandGroup(
                name: "Duplicates", subcommands: [Duplicates.self, Apply.self, Undo.self, Verdict.self]),
            CommandGroup(name: "Codes", subcommands: [Import.self, Export.self, Formats.self, Pairs.self]),
            CommandGroup(
                name: "Stores",
                subcommands: [
                    Stats.self, Collections.self, Dump.self, Delete.self, Fold.self, Compact.self, Backup.self,
                    Verify.self,
                    Rebuild.self,
                ]),
            CommandGroup(name: "Copies that follow", subcommands: [Record.self, Ship.self, Receive.self]),
            CommandGroup(name: "Service", subcommands: [Serve.self]),
            CommandGroup(name: "Models", subcommands: [Train.self, Evaluate.self]),
        ]
    )

    /// Before any command's own arguments are looked at.
    func validate() throws {
        try PathArgument.checkAreDifferent()
        guard !CommandLine.arguments.dropFirst().contains("") else {
            throw ValidationError(
                "an argument is \"\", of which nothing can be made; a variable that was to give it may be empty")
        }
    }

    /// The names of all commands.
    static let commandNames = configuration.subcommands.compactMap { $0.configuration.commandName ?? $0._commandName }

    /// Throws for `help` of what is no command, to which the parser would give the help of the whole tool.
    private static func checkHelp() throws {
        let words = CommandLine.arguments.dropFirst()
        guard words.first == "help", let name = words.dropFirst().first, !name.hasPrefix("-"), name != "help" else {
            return
        }
        guard commandNames.contains(name) else { throw ValidationError("help \(name): there is no such command") }
    }

    static func main() {
        openMissingStreams()
        // A reader that has gone away shows as an error of write(2), which ends the tool quietly.
        signal(SIGPIPE, SIG_IGN)
        // A limit on the size of files is an error like a full device.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try checkHelp()
            var command = try parseAsRoot()
            try command.run()
            try StandardOutput.flush()
        } catch {
            Foundation.exit(Failure(error).report())
        }
    }

    /// Opens /dev/null for standard input, output and error where they are closed: the next file to be opened, a store say, would take
    /// their place, and be read from or have messages written into it.
    private static func openMissingStreams() {
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
    }
}
