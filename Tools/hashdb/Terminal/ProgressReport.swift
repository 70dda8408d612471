import Foundation

/// Says how far long work has come: a bar with rate and time left on a terminal, a plain line now and then elsewhere.
///
/// Work that ends within a second shows nothing.
final class ProgressReport {
    private let unit: String
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant
    private let interval: Duration
    private var isBarShown = false

    /// A report on work counted in `unit`, such as "images".
    init(unit: String) {
        self.unit = unit
        interval = StandardError.isTerminal ? .milliseconds(200) : .seconds(10)
        lastShown = start + (StandardError.isTerminal ? .milliseconds(800) : .zero)
    }

    /// Shows that `done` of `total` units are done; the total may not be known yet.
    func update(done: Int, total: Int?, detail: String = "") {
        let now = ContinuousClock.now
        guard now - lastShown >= interval else { return }
        lastShown = now
        let line = text(done: done, total: total, seconds: (now - start) / .seconds(1), detail: detail)
        if StandardError.isTerminal {
            isBarShown = true
            StandardError.write("\r\u{1b}[K" + clipped(line))
        } else {
            StandardError.write(line + "\n")
        }
    }

    /// Takes the bar away, so that other lines may follow.
    func clear() {
        guard isBarShown else { return }
        isBarShown = false
        StandardError.write("\r\u{1b}[K")
    }

    private func text(done: Int, total: Int?, seconds: Double, detail: String) -> String {
        let rate = Double(done) / max(seconds, 1e-9)
        let speed = "\(grouped(Int(rate))) \(unit)/s"
        let tail = detail.isEmpty ? "" : ", \(detail)"
        guard let total, total > 0 else { return "\(grouped(done)) \(unit), \(speed)\(tail)" }
        let share = min(1, Double(done) / Double(total))
        let left = rate > 0 ? ", \(Self.clock(Double(total - done) / rate)) left" : ""
        let counts = "\(grouped(done)) of \(grouped(total)) \(unit), \(speed)\(left)\(tail)"
        guard StandardError.isTerminal else { return "\(Int(100 * share)) %: \(counts)" }
        let filled = Int(20 * share)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        return "\(bar) \(Int(100 * share)) %  \(counts)"
    }

    private func clipped(_ line: String) -> String {
        var size = winsize()
        let width = ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        return String(line.prefix(width - 1))
    }

    /// Seconds as `1:02:03`, `2:03`.
    static func clock(_ seconds: Double) -> String {
        let seconds = Int(min(max(seconds, 0), 1e8).rounded(.up))
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
