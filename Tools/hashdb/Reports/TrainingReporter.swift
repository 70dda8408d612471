import Drawings
import HashNets

/// Tells on standard error how a training goes: on a terminal all the time, elsewhere once an epoch.
final class TrainingReporter {
    private(set) var history = TrainingHistory()
    private let bar = ProgressReport(unit: "steps")

    /// Shows where the training stands.
    func report(_ progress: TrainingProgress) {
        history.add(progress)
        if StandardError.isTerminal, progress.meanAveragePrecision == nil {
            bar.update(done: progress.step, total: progress.steps, detail: text(progress))
        } else if progress.isEndOfEpoch {
            bar.clear()
            StandardError.note(text(progress))
        }
    }

    /// Takes the bar away.
    func finish() {
        bar.clear()
    }

    private func text(_ progress: TrainingProgress) -> String {
        let phase = progress.sureShare == nil ? "epoch" : "unlabelled epoch"
        let loss = "loss \(fixedPoint(progress.loss))"
        let sure = progress.sureShare.map { ", \(Int(($0 * 100).rounded())) % sure" } ?? ""
        let judgement = progress.meanAveragePrecision.map { ", MAP of images kept apart \(fixedPoint($0))" } ?? ""
        let speed = "\(grouped(Int(progress.imagesPerSecond))) images/s"
        let left = "\(ProgressReport.clock(progress.secondsLeft)) left"
        return "\(phase) \(progress.epoch) of \(progress.epochs), \(loss)\(sure)\(judgement), \(speed), \(left)"
    }
}
