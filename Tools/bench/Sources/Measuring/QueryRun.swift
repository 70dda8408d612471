import HashDB

/// Asks one question again and again, by every plan, and flat scans in between.
///
/// Queries go in rounds, so that a drift of the machine's speed hits all alike: some queries by each plan, then scans. A plan's turn begins
/// with queries that are not timed, because a scan has emptied the processor's caches; and no two plans of a round are asked the same.
struct QueryRun {
    let queries: CodeSet.Queries
    let truths: [Truth]
    let operation: Operation
    let flat: FlatScan
    let plans: [QueryPlan]
    /// Microseconds after which a plan is not asked any more, if it has been asked a few times.
    let budget: Double

    private static let scansPerRound = 5
    private static let leastAsked = 3
    private static let settling = Duration.milliseconds(5)

    /// Runs all rounds.
    func run(_ snapshot: borrowing Snapshot, set: String) throws -> QueryCell {
        let codes = try (0..<queries.codes.count).map { try queries.codes.code($0) }
        let length = max(1, min(20, queries.count / 5))
        let rounds = stride(from: 0, to: queries.count, by: length).map { $0..<min(queries.count, $0 + length) }
        var flatTimes = Times()
        var times: [QueryPlan: Times] = [:]
        var checked = 0
        for round in rounds.indices {
            for (turn, plan) in plans.enumerated() {
                var planTimes = times[plan, default: Times()]
                let asked = rounds[(round + turn) % rounds.count]
                try settle(without: asked, codes, plan, snapshot)
                for ask in asked {
                    guard planTimes.total < budget || planTimes.count < Self.leastAsked else { break }
                    let group = ask * queries.group..<(ask + 1) * queries.group
                    var answers: [[Match]] = []
                    answers.reserveCapacity(group.count)
                    try planTimes.measure {
                        for query in group { answers.append(try answer(codes[query], plan, snapshot)) }
                    }
                    for (query, answer) in zip(group, answers) { try check(answer, of: query, by: plan.rawValue, set) }
                    checked += group.count
                }
                times[plan] = planTimes
            }
            for ask in rounds[round].prefix(Self.scansPerRound) where flatTimes.total < budget || flatTimes.count < 10 {
                try scan(ask * queries.group, set, &flatTimes)
            }
        }
        guard let flatSummary = flatTimes.summary else { throw BenchError("\(set): no queries") }
        return QueryCell(
            set: set, kind: queries.kind, operation: operation, group: queries.group, flat: flatSummary,
            plans: Dictionary(uniqueKeysWithValues: times.map { ($0.key.rawValue, $0.value) })
                .compactMapValues(\.summary),
            answersChecked: checked)
    }

    /// Asks other queries without timing them, until the caches are as they are where nobody scans.
    private func settle(
        without asked: Range<Int>, _ codes: [BinaryCode], _ plan: QueryPlan, _ snapshot: borrowing Snapshot
    ) throws {
        let others = (0..<queries.count).filter { !asked.contains($0) }
        guard !others.isEmpty else { return }
        let end = ContinuousClock.now + Self.settling
        var next = asked.upperBound
        repeat {
            _ = try answer(codes[others[next % others.count] * queries.group], plan, snapshot)
            next += 1
        } while ContinuousClock.now < end
    }

    private func scan(_ query: Int, _ set: String, _ times: inout Times) throws {
        let words = queries.codes[query]
        let found = try times.measure { try flat.run(operation, words) }
        try check(
            found.map { Match(id: UInt64($0.row), distance: Int($0.distance)) }, of: query, by: "the flat scan", set)
    }

    private func answer(_ code: BinaryCode, _ plan: QueryPlan, _ snapshot: borrowing Snapshot) throws -> [Match] {
        switch operation {
        case .nearest(let count): try snapshot.nearest(to: code, count: count, plan: plan)
        case .within(let radius): try snapshot.within(radius: radius, of: code, plan: plan)
        }
    }

    private func check(_ answer: [Match], of query: Int, by whom: String, _ set: String) throws {
        let truth = truths[query].answer(operation)
        guard answer != truth else { return }
        let first = zip(answer, truth).enumerated().first { $0.element.0 != $0.element.1 }
        throw BenchError(
            "WRONG ANSWER: \(set), query \(queries.kind) \(query), \(operation), \(whom): \(answer.count) matches for "
                + "\(truth.count); first difference: "
                + (first.map { "at \($0.offset) \($0.element.0) for \($0.element.1)" } ?? "the number"))
    }
}
