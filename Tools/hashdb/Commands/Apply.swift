import ArgumentParser
import Foundation
import HashDB
import ImageCodes

struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do what a report of duplicates says; without --yes only show it.",
        discussion: """
            Files marked drop go to the trash, or where you say. Each is read again right before, and is left alone if it, or \
            the file that stays in its place, is not what the report says, or if the report's store does not know it. Of each \
            group at least one file stays. What was done is noted in REPORT.undo, for hashdb undo. Exit status 1 if a file was \
            left alone.

            With --json a line is an object for a file, with those of these members that apply to it:
              {"outcome": "done", "action": "trash", "path": "/p/b.jpg", "bytes": 7350,
               "why": "near", "stays": "/p/a.png", "stays_why": "largest",
               "to": "/p/.Trash-0/files/b.jpg", "with": ["/p/b.xmp"],
               "without": [{"path": "/p/b.jpg.xmp", "reason": "…"}]}
            The outcome is planned, done, or refused for a reason; the action trash, move, link or delete. Of what belongs to the \
            file, some goes with it, and what cannot is named with the reason.
            """
    )

    @Argument(help: "The report, from hashdb duplicates; - for standard input.")
    var report: String

    @Flag(help: "Do it.")
    var yes = false

    @Flag(help: "To the desktop's trash (the default).")
    var trash = false

    @Option(help: ArgumentHelp("To this directory, on the same file system.", valueName: "dir"))
    var moveTo: PathArgument?

    @Flag(help: "Make files with the same bytes names of the one that stays.")
    var hardLink = false

    @Flag(help: "Remove files for good.")
    var deletePermanently = false

    @OptionGroup(title: "What to keep, instead of the report's marks")
    var keeping: KeepOptions<Apply>

    @Option(help: ArgumentHelp("Where to note what was done (default: REPORT.undo).", valueName: "file"))
    var undoLog: String?

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    func validate() throws {
        if [trash, moveTo != nil, hardLink, deletePermanently].count(where: { $0 }) > 1 {
            throw ValidationError("only one of --trash, --move-to, --hard-link and --delete-permanently is possible")
        }
        if yes, report == "-", undoLog == nil {
            throw ValidationError("--undo-log: needed where the report comes from standard input")
        }
    }

    func run() throws {
        let parsed = try DuplicateReport(parsing: TextFile.read(report), named: report)
        var application = try ReportApplication(chosenAction())
        application.keep = try rule(for: parsed)
        application.isDryRun = !yes
        let known = knownStores(of: parsed)
        application.stores = known
        let log = try yes ? UndoLog(appendingTo: ImagePath(undoLog ?? report + ".undo"), store: parsed.store) : nil
        var stores = StoresToTell(advice: Self.syncAdvice)
        let interrupt = Interrupt()
        var tally = Tally()
        try application.run(parsed, log: log) { step in
            tally.add(step)
            if case .done = step.outcome, !hardLink, known != nil {
                stores.tell(parsed.store) { try $0.noteDropped(step.image.content, at: step.image.path) }
            }
            try StandardOutput.tell(evenUnread: yes) {
                try StandardOutput.write(json ? "\(step.json(verb))\n" : line(step))
            }
            return !interrupt.isRequested
        }
        try StandardOutput.tell(evenUnread: yes) { try StandardOutput.flush() }
        let isUndoable = tally.acted > 0 && !deletePermanently
        let advice = log.flatMap { isUndoable ? "; undo with: hashdb undo \($0.path)" : nil } ?? ""
        StandardError.note(tally.text(verb, isDryRun: !yes) + advice)
        if interrupt.isRequested { throw Interrupted() }
        if tally.refused > 0 { throw ExitCode(1) }
    }

    private static let syncAdvice = "run hashdb ingest --sync on it later"

    /// The collections of the report's store; nil where it cannot be opened: files may outlive their store.
    private func knownStores(of report: DuplicateReport) -> [Store]? {
        do {
            return try Store.allOfModels(at: report.store.string, access: .readOnly)
        } catch {
            StandardError.warn("\(error); files are not looked up in it; \(Self.syncAdvice)")
            return nil
        }
    }

    /// The rule, where one is asked for, which must find something in the report: one that finds nothing would only undo what was marked by hand.
    private func rule(for report: DuplicateReport) throws -> KeepRule? {
        guard let rule = try keeping.rule() else { return nil }
        if let directory = rule.directory, !report.groups.isEmpty,
            !report.groups.contains(where: { $0.images.contains { $0.path.isWithin(directory) } })
        {
            throw ToolError(
                "--keep-under \(directory): no file of the report lies below it; "
                    + "name a directory that has some, or leave it out")
        }
        return rule
    }

    private func chosenAction() throws -> ReportApplication.Action {
        if hardLink { return .hardLink }
        if deletePermanently { return .deletePermanently }
        guard let moveTo else { return .trash }
        let directory = try moveTo.path.resolved()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.string, isDirectory: &isDirectory), isDirectory.boolValue
        else { throw ToolError("\(directory): not a directory; make it before") }
        return .move(to: directory)
    }

    private var verb: String {
        if hardLink { return "link" }
        if deletePermanently { return "delete" }
        return moveTo == nil ? "trash" : "move"
    }

    private func line(_ step: ReportApplication.Step) -> String {
        let start: String
        // A report that somebody else has written may give any reasons.
        let why = shownOnOneLine(step.image.why.utf8)
        var end = step.kept.map { "  (\(why); stays: \($0.path), \(shownOnOneLine($0.why.utf8)))" } ?? ""
        switch step.outcome {
        case .planned: start = "would \(verb)"
        case .done(let place):
            start = "\(verb)"
            if let place, place != step.image.path { end += " -> \(place)" }
        case .refused(let reason):
            start = "left alone"
            end = "  (\(reason))"
        }
        let with =
            step.companions.map { "  with \($0)\n" }.joined()
            + step.leftBehind.map { "  without \($0.path): \($0.reason)\n" }.joined()
        return "\(start)  \(padded(byteCount(step.image.content.size), 9))  \(step.image.path)\(end)\n\(with)"
    }
}

extension Apply: KeepsImages {
    static let usualKeepRule = "the report's marks; with --keep-under alone, most-pixels"
}

/// Counts what became of files.
private struct Tally {
    private(set) var refused = 0
    private(set) var acted = 0
    private var bytes: UInt64 = 0

    mutating func add(_ step: ReportApplication.Step) {
        if case .refused = step.outcome {
            refused += 1
        } else {
            acted += 1
            // Whoever acts on a file has compared its size; whoever does nothing but try has not.
            let (more, overflow) = bytes.addingReportingOverflow(step.image.content.size)
            bytes = overflow ? .max : more
        }
    }

    func text(_ verb: String, isDryRun: Bool) -> String {
        let files = "\(counted(acted, "file")), \(byteCount(bytes))"
        let left = refused > 0 ? ", \(refused) left alone" : ""
        return isDryRun ? "would \(verb) \(files)\(left); nothing was done, --yes does it" : "\(verb): \(files)\(left)"
    }
}
