import Foundation
import HashDB

/// Asks a store that another process changes, as fast as it can, and compares samples of the answers with brute force.
struct SoakReader {
    /// What came of it.
    struct Report: Codable {
        var queries = Latencies()
        var checked = 0
        var samples: [SoakSample] = []
    }

    private let store: Store
    private let history: SoakHistory
    private let start: ContinuousClock.Instant
    private let duration: Double
    private var generator: Xoshiro
    private var model: SoakModel
    private var report = Report()

    private static let count = 10
    private static let radius = 6
    /// Every so many seconds an answer is checked.
    private static let checkInterval = 0.1
    /// Every so many seconds a snapshot is kept for a while, although the store changes.
    private static let keepInterval = 10.0
    private static let keptFor = 1.0

    init(_ store: Store, _ history: SoakHistory, name: String, seconds duration: Double) {
        self.store = store
        self.history = history
        self.duration = duration
        generator = Xoshiro(named: "soak reader \(name)")
        model = SoakModel(history)
        start = .now
    }

    private var time: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Reads until the time is over.
    ///
    /// - Throws: `BenchError` if an answer is wrong.
    mutating func run() throws -> Report {
        var (nextCheck, nextKept, nextSample) = (0.0, Self.keepInterval / 2, 0.0)
        let sampleInterval = SoakSample.interval(duration)
        var time = 0.0
        while time < duration {
            for _ in 0..<8 {
                let query = try question()
                try report.queries.measure { [store] in _ = try store.read { try Self.answer(to: query, in: $0) } }
            }
            time = self.time
            if time >= nextCheck {
                try store.read { try check($0) }
                nextCheck = time + Self.checkInterval
            }
            if time >= nextKept {
                try store.read { snapshot in
                    let end = time + Self.keptFor
                    while self.time < end {
                        let query = try question()
                        try report.queries.measure { _ = try Self.answer(to: query, in: snapshot) }
                    }
                    try check(snapshot)
                }
                nextKept = time + Self.keepInterval
            }
            if time >= nextSample {
                report.samples.append(SoakSample(time: time))
                nextSample += sampleInterval
            }
        }
        return report
    }

    private struct Question {
        let word: UInt64
        let code: BinaryCode
        let isNearest: Bool
    }

    private mutating func question() throws -> Question {
        let word = history.query(&generator)
        return Question(word: word, code: try SoakHistory.code(word), isNearest: generator.next() % 2 == 0)
    }

    private static func answer(to question: Question, in snapshot: borrowing Snapshot) throws -> [Match] {
        question.isNearest
            ? try snapshot.nearest(to: question.code, count: count)
            : try snapshot.within(radius: radius, of: question.code)
    }

    /// Compares an answer, and what is kept beside one of its items, with what a snapshot must hold.
    private mutating func check(_ snapshot: borrowing Snapshot) throws {
        let question = try question()
        model.advance(to: snapshot.commitNumber)
        let matches = try Self.answer(to: question, in: snapshot)
        let expected = model.matches(
            of: question.word, nearest: question.isNearest ? Self.count : nil,
            radius: question.isNearest ? nil : Self.radius)
        var isRight = matches == expected && snapshot.count == model.count
        if let first = matches.first {
            isRight = try isRight && snapshot.payload(of: first.id) == model.payload(of: first.id)
        }
        guard isRight else {
            throw BenchError(
                "a wrong answer at commit \(snapshot.commitNumber): \(question), \(matches) instead of \(expected)")
        }
        report.checked += 1
    }
}
