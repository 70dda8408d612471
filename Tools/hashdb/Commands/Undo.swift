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
        var stores = StoresToTell(advice: "what is restored stays noted there as dropped")
        func tell(_ text: String) throws {
            try StandardOutput.tell(evenUnread: true) { try StandardOutput.write(text) }
        }
        try undoing.run { step in
            switch step.outcome {
            case .restored(let content):
                counts.restored += 1
                try tell("restored    \(step.path)\n")
                if let content, let store = step.store { stores.tell(store) { try $0.noteRestored(content) } }
            case .refused(let reason):
                counts.refused += 1
                try tell("left alone  \(step.path)  (\(reason))\n")
            case .nothingToDo:
                try tell("nothing to do  \(step.path)\n")
            }
        }
        try StandardOutput.tell(evenUnread: true) { try StandardOutput.flush() }
        let left = counts.refused > 0 ? ", \(counts.refused) left alone" : ""
        let advice = counts.restored > 0 ? "; hashdb ingest takes them into the store again" : ""
        StandardError.note("\(counts.restored) restored\(left)\(advice)")
        if counts.refused > 0 { throw ExitCode(1) }
    }
}

/// Stores that are to hear what became of files. What matters is the files: a store that cannot be opened is named once, and left out; one
/// that cannot be told is named once for each reason, and is told of the next file again.
struct StoresToTell {
    /// What follows from not being told.
    let advice: String
    /// The collections of each.
    private var opened: [ImagePath: [Store]] = [:]
    private var warnings: Set<String> = []

    init(advice: String) {
        self.advice = advice
    }

    mutating func tell(_ path: ImagePath, _ note: (Store) throws -> Void) {
        do {
            for store in try stores(at: path) { try note(store) }
        } catch {
            if case HashDBError.busy = error { opened[path] = try? open(path, busyTimeout: .seconds(1)) }
            if warnings.insert("\(error)").inserted { StandardError.warn("\(error); \(advice)") }
        }
    }

    private mutating func stores(at path: ImagePath) throws -> [Store] {
        if let stores = opened[path] { return stores }
        do {
            let stores = try open(path)
            opened[path] = stores
            return stores
        } catch {
            if case HashDBError.busy = error { throw error }
            opened[path] = []
            throw error
        }
    }

    private func open(_ path: ImagePath, busyTimeout: Duration? = nil) throws -> [Store] {
        var options = Store.Options()
        if let busyTimeout { options.busyTimeout = busyTimeout }
        return try Store.allOfModels(at: path.string, options: options)
    }
}
