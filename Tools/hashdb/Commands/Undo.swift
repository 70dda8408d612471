import ArgumentParser
import HashDB
import ImageCodes

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back what hashdb apply did.",
        discussion: """
            Files come back from the trash or the directory that they were moved to, if their names are free; links become \
            files of their own again. Deleted files are gone. Harmless when done twice. Exit status 1 if something could not \
            be taken back.
            """
    )

    @Argument(help: "The log that apply wrote.")
    var log: String

    func run() throws {
        let undoing = try Undoing(parsing: try TextFile.read(log), named: log)
        var counts = (restored: 0, refused: 0)
        var stores: [ImagePath: [Store]] = [:]
        func tell(_ text: String) throws {
            try StandardOutput.tell(evenUnread: true) { try StandardOutput.write(text) }
        }
        try undoing.run { step in
            switch step.outcome {
            case .restored(let content):
                counts.restored += 1
                if let content, let path = step.store {
                    let collections = try stores[path] ?? Store.allOfModels(at: path.string)
                    stores[path] = collections
                    for store in collections { try store.noteRestored(content) }
                }
                try tell("restored    \(step.path)\n")
            case .refused(let reason):
                counts.refused += 1
                try tell("left alone  \(step.path)  (\(reason))\n")
            case .nothingToDo:
                try tell("nothing to do  \(step.path)\n")
            }
        }
        try StandardOutput.tell(evenUnread: true) { try StandardOutput.flush() }
        let left = counts.refused > 0 ? ", \(counts.refused) left alone" : ""
        StandardError.note("\(counts.restored) restored\(left); hashdb ingest takes them into the store again")
        if counts.refused > 0 { throw ExitCode(1) }
    }
}
