import ArgumentParser
import ImageCodes

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back what hashdb apply did.",
        discussion: """
            Files come back from the trash or the directory that they were moved to, if their names are free; links become \
            files of their own again. Deleted files are gone. Exit status 1 if something could not be taken back. Their notes \
            in the trash are removed; what the log calls so, and is none, is named and stays.

            A log may have several runs of apply. The last one of which there is something left to take back is taken back, \
            so that the next undo goes on with the one before it; with --all, all of them are. Logs of former versions are \
            one run. Nothing is taken back twice.

            With --json a line is an object for a file:
              {"outcome": "restored", "path": "/p/b.jpg"}
            The outcome is restored, refused for a reason, or nothing, where there is nothing to take back.
            """
    )

    @Argument(help: "The log that apply wrote.")
    var log: String

    @Flag(help: "Take back all runs of apply that the log has, not the last one alone.")
    var all = false

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    func run() throws {
        var undoing = try Undoing(parsing: try TextFile.read(log), named: log)
        undoing.takesAllRuns = all
        var counts = (restored: 0, refused: 0)
        var stores = StoresToTell(advice: "what is restored stays noted there as dropped")
        let earlier = try undoing.run { step in
            try StandardOutput.tell(evenUnread: true) {
                try StandardOutput.writeLine(json ? step.json.description : line(step))
            }
            if let note = step.leftNote {
                StandardError.warn("\(note): stays, as it is no note of \(step.path) in a trash, or cannot be removed")
            }
            switch step.outcome {
            case .restored(let content):
                counts.restored += 1
                if let content, let store = step.store { stores.tell(store) { try $0.noteRestored(content) } }
            case .refused: counts.refused += 1
            case .nothingToDo: break
            }
        }
        try StandardOutput.tell(evenUnread: true) { try StandardOutput.flush() }
        let left = counts.refused > 0 ? ", \(counts.refused) left alone" : ""
        let advice = counts.restored > 0 ? "; hashdb ingest takes them into the store again" : ""
        let rest = earlier > 0 ? "; the log has \(counted(earlier, "earlier run")), --all takes back all" : ""
        StandardError.note("\(counts.restored) restored\(left)\(advice)\(rest)")
        if counts.refused > 0 { throw ExitCode(1) }
    }

    private func line(_ step: Undoing.Step) -> String {
        switch step.outcome {
        case .restored: "restored    \(step.path)"
        case .refused(let reason): "left alone  \(step.path)  (\(reason))"
        case .nothingToDo: "nothing to do  \(step.path)"
        }
    }
}
