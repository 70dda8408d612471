import CodeFiles
import HashDB
import ImageCodes

/// Tells on standard error how an ingest goes, and what came of it.
final class IngestReporter {
    private let progress = ProgressReport(unit: "images")
    private var told: Set<String> = []

    /// Shows an event.
    func report(_ event: IngestEvent) {
        switch event {
        case .progress(let state):
            let detail =
                switch state.phase {
                case .ingesting: state.failed > 0 ? "\(state.failed) unreadable" : ""
                case .removing: "looking for vanished files"
                }
            progress.update(done: state.handled, total: state.isTotalKnown ? state.total : nil, detail: detail)
        case .failed(let error):
            warn("\(error)")
        case .passedOver(let path, let reason):
            warn("\(path): passed over, \(reason.description(of: 1).dropFirst(2))")
        case .keptVanished(let directory):
            warn("\(directory): empty, or gone; images that were below it are kept, as its disk may be away")
        }
    }

    /// Sums up in one line.
    ///
    /// - Parameter isSync: whether vanished files were looked for.
    func finish(_ summary: IngestSummary, store: Store, isSync: Bool) {
        progress.clear()
        var parts = summary.parts(isSync: isSync)
        let skipped = summary.skipped.filter { $0.value > 0 }.map { $0.key.description(of: $0.value) }.sorted()
        if !skipped.isEmpty { parts.append("passed over: " + skipped.joined(separator: ", ")) }
        let seconds = summary.duration / .seconds(1)
        let tenths = Int((seconds * 10).rounded())
        let count = summary.encoded
        let rate = seconds > 0 && count > 0 ? ", \(grouped(Int(Double(count) / seconds))) images/s" : ""
        let state = summary.wasCancelled ? " (interrupted; the next run goes on)" : ""
        StandardError.note(
            "\(store.title): \(parts.joined(separator: ", ")) in \(tenths / 10).\(tenths % 10) s\(rate)\(state)")
    }

    /// Takes the progress bar away.
    func clear() {
        progress.clear()
    }

    /// Once, however many models come across it.
    private func warn(_ text: String) {
        guard told.insert(text).inserted else { return }
        progress.clear()
        StandardError.warn(text)
    }
}

extension IngestSummary {
    /// What was done, by kind: always what people look for first, the rest if there is any.
    func parts(isSync: Bool) -> [String] {
        let counts: [(number: Int, name: String, isAlwaysTold: Bool)] = [
            (added, "added", true), (changed, "changed", true), (moved, "moved", isSync), (copied, "copied", false),
            (linked, "linked", false), (vanished, "vanished", isSync), (unchanged, "unchanged", true),
            (touched, "touched", false), (failed, "unreadable", true),
            (lowQuality, "of low quality", false),
        ]
        return counts.filter { $0.isAlwaysTold || $0.number > 0 }.map { "\($0.number) \($0.name)" }
    }

    /// The same for programs.
    var members: [JSONValue.Member] {
        [
            .init("added", .integer(added)),
            .init("changed", .integer(changed)),
            .init("moved", .integer(moved)),
            .init("copied", .integer(copied)),
            .init("linked", .integer(linked)),
            .init("touched", .integer(touched)),
            .init("vanished", .integer(vanished)),
            .init("unchanged", .integer(unchanged)),
            .init("failed", .integer(failed)),
            .init("low_quality", .integer(lowQuality)),
            .init("passed_over", SkipReason.json(skipped)),
            .init("interrupted", .bool(wasCancelled)),
            .init("seconds", .number((duration / .milliseconds(1)).rounded() / 1000)),
        ]
    }
}
