import ArgumentParser
import HashDB

struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new store of all that is whole in a damaged one.",
        discussion: """
            Only what has the checksum that it was written with is saved; the index is made anew. The damaged store stays as
            it is. What is damaged or missing is told line by line, and the exit status is 1 if anything is.
            """
    )

    @Argument(help: "The damaged store.", completion: .file())
    var store: String

    @Argument(help: "Where to make the new one.", completion: .file())
    var new: String

    func run() throws {
        let reports = try rebuild()
        for report in reports {
            for loss in report.losses { StandardError.warn("\(report.title(of: store)): \(loss)") }
        }
        for report in reports {
            StandardError.note(
                "\(report.title(of: new)): items \(report.items), payloads \(report.payloads), attributes \(report.attributes)"
            )
        }
        guard reports.allSatisfy(\.losses.isEmpty) else { throw ExitCode(1) }
    }

    private func rebuild() throws -> [RebuildReport] {
        let interrupt = Interrupt("stopping, nothing is made (Ctrl-C again: stop at once)")
        let progress = ProgressReport(unit: "items")
        defer { progress.clear() }
        return try Store.rebuild(store, to: new) { done, total in
            if interrupt.isRequested { throw Interrupted() }
            progress.update(done: done, total: total)
        }
    }
}

extension RebuildReport {
    fileprivate func title(of path: String) -> String {
        collection == Store.defaultCollection ? path : "\(path), \(collection)"
    }
}
