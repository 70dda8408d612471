import Foundation
import HashDB

/// Carries out the steps of a soak, as fast as it can.
struct SoakWriter {
    /// What came of it.
    struct Report {
        var changes = Latencies()
        var loads = Latencies()
        var folds = Latencies()
        var samples: [SoakSample] = []
        /// The bytes of the file, and of the pages in use.
        var files: [(time: Double, bytes: Int)] = []
        var pages: [(time: Double, bytes: Int)] = []
    }

    private let store: Store
    private let history: SoakHistory
    private let foldInterval: UInt64
    private let duration: Double

    init(_ store: Store, _ history: SoakHistory, foldInterval: UInt64, seconds: Double) {
        self.store = store
        self.history = history
        self.foldInterval = foldInterval
        duration = seconds
    }

    mutating func run() throws -> Report {
        var report = Report()
        let start = ContinuousClock.now
        var number = try store.read { $0.commitNumber }
        var (time, nextSample) = (0.0, 0.0)
        while time < duration {
            number += 1
            let step = history.step(number)
            if case .load = step {
                try report.loads.measure { try history.perform(step, on: store) }
            } else {
                try report.changes.measure { try history.perform(step, on: store) }
            }
            if number % foldInterval == 0 { try report.folds.measure { try store.fold() } }
            time = (ContinuousClock.now - start) / .seconds(1)
            if time >= nextSample {
                nextSample += SoakSample.interval(duration)
                report.samples.append(SoakSample(time: time))
                let statistics = try store.read { try $0.statistics() }
                report.files.append((time, statistics.fileBytes))
                report.pages.append((time, statistics.collectionBytes))
            }
        }
        return report
    }
}
