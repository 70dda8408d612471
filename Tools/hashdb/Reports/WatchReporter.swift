import CodeFiles
import Foundation
import HashDB
import ImageCodes

/// Tells what a watch does: a line for each update, on standard error, or as JSON on standard output.
final class WatchReporter {
    private let stores: [Store]
    private let folders: [ImagePath]
    private let json: Bool
    private var update: IngestReporter?
    private var failure: (any Error)?

    /// - Parameter stores: the collections that are kept up to date.
    init(stores: [Store], folders: [ImagePath], json: Bool) {
        self.stores = stores
        self.folders = folders
        self.json = json
    }

    /// Shows an event; returns whether there is any use in going on.
    func report(_ event: WatchEvent) -> Bool {
        switch event {
        case .ingest(let event):
            let reporter = update ?? IngestReporter()
            update = reporter
            reporter.report(event)
        case .updated(let done):
            show(done)
            update = nil
        case .gone(let path):
            StandardError.warn("\(path): gone, or not mounted any more; its images are kept, and it is looked for")
        case .back(let path):
            StandardError.note("\(path): there again")
        case .waitingForWriter:
            StandardError.warn("\(stores.first?.path ?? ""): another process is writing to it; waiting")
        case .overflow:
            StandardError.note("more has changed than the system could tell; looking at everything")
        case .polling(_, .asked):
            break
        case .polling(let interval, let reason):
            StandardError.warn(
                "\(reason); looking at everything once in \(Int(interval / .seconds(1))) seconds instead")
        }
        return failure == nil
    }

    /// Throws what kept lines from being printed.
    func finish() throws {
        if let failure { throw failure }
    }

    private func show(_ done: WatchUpdate) {
        guard done.isNews else { return }
        let reporter = update ?? IngestReporter()
        if json {
            reporter.clear()
            do {
                for (store, summary) in zip(stores, done.summaries) {
                    try StandardOutput.writeLine(line(summary, of: store, isWhole: done.isWhole))
                }
                try StandardOutput.flush()
            } catch {
                failure = error
            }
        } else {
            for (store, summary) in zip(stores, done.summaries) { reporter.finish(summary, store: store, isSync: true) }
        }
        if done.isFirst, !done.summary.wasCancelled {
            StandardError.note("watching \(folders.map(\.description).joined(separator: ", "))")
        }
    }

    private func line(_ summary: IngestSummary, of store: Store, isWhole: Bool) -> JSONValue {
        let head: [JSONValue.Member] = [
            .init("time", .string(Date().formatted(.iso8601))),
            .init("collection", .string(store.collection)),
            .init("whole", .bool(isWhole)),
        ]
        return .object(head + summary.members)
    }
}
