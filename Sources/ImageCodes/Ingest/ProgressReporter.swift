/// Tells the observer how far things are, a few times a second, with the rate of the last seconds.
struct ProgressReporter {
    /// Seconds between two reports.
    static let interval = 0.2

    private let clock = ContinuousClock()
    private var lastReport: ContinuousClock.Instant?
    private var samples: [(time: ContinuousClock.Instant, handled: Int)] = []

    mutating func report(_ progress: inout IngestProgress, isLast: Bool, _ observe: (IngestEvent) -> Void) {
        let now = clock.now
        if let lastReport, now - lastReport < .seconds(ProgressReporter.interval), !isLast { return }
        lastReport = now
        progress.rate = rate(now, progress.handled)
        observe(.progress(progress))
    }

    /// Over the last ten seconds: long enough to be steady, short enough to notice when the files become larger.
    private mutating func rate(_ now: ContinuousClock.Instant, _ handled: Int) -> Double {
        samples.append((now, handled))
        while samples.count > 2 && now - samples[0].time > .seconds(10) { samples.removeFirst() }
        let seconds = (now - samples[0].time) / .seconds(1)
        return seconds > 0 ? Double(handled - samples[0].handled) / seconds : 0
    }
}
