import Foundation
import HashDB

/// What a soak looks at every so often.
struct SoakSample: Codable {
    /// Seconds since the beginning.
    let time: Double
    /// Bytes of memory of the process that are no file's.
    let memory: Int
    /// All that is resident, pages of the mapped file among them.
    let resident: Int

    /// How many seconds lie between two, in a run of so many.
    static func interval(_ duration: Double) -> Double { max(0.25, duration / 240) }

    init(time: Double) {
        self.time = time
        memory = ProcessMemory.now?.anonymous ?? 0
        resident = ProcessMemory.now?.resident ?? 0
    }
}

/// Whether figures of a run go on growing.
///
/// What a store needs settles after a while: the largest figure of the last quarter of the time may be at most a quarter above the largest of
/// the second quarter, small changes (`slack` bytes) aside. What grows steadily doubles between these two.
struct GrowthRule {
    let duration: Double
    static let slack = 24 << 20

    /// The largest of the second and of the last quarter of a run; nil if there are none.
    func peaks(_ figures: [(time: Double, bytes: Int)]) -> (early: Int, late: Int)? {
        let early = figures.filter { (0.25..<0.5).contains($0.time / duration) }.map(\.bytes).max()
        let late = figures.filter { $0.time / duration >= 0.75 }.map(\.bytes).max()
        guard let early, let late else { return nil }
        return (early, late)
    }

    /// What to say against the figures; nil if they are in order.
    func objection(to name: String, _ figures: [(time: Double, bytes: Int)]) -> String? {
        guard let (early, late) = peaks(figures) else { return "\(name) was not measured often enough" }
        guard Double(late) > 1.25 * Double(early) + Double(Self.slack) else { return nil }
        return
            "\(name) goes on growing: \(Format.mebibytes(early)) MiB in the second quarter, \(Format.mebibytes(late)) in the last"
    }
}
