import CAllocations
import HashDB

/// How often a query asks for memory.
struct AllocationCount: Codable {
    let set: String
    let kind: String
    let operation: Operation
    let probes: Int
    let candidates: Int
    let allocations: Int
}

/// Counts the allocations of queries that look into few buckets and of such that look into many.
struct AllocationRun {
    let set: CodeSet

    private static let counts = [1, 10]
    private static let queriesTried = 20

    /// Of every kind of query the one with the fewest probes and the one with the most, for 1 and for 10 neighbours; empty where allocations are not counted.
    func run(_ snapshot: borrowing Snapshot) throws -> [AllocationCount] {
        guard allocations_are_counted() == 1 else { return [] }
        var counts: [AllocationCount] = []
        for queries in set.queries where queries.group == 1 {
            for wanted in Self.counts {
                var ofKind: [AllocationCount] = []
                for query in 0..<min(Self.queriesTried, queries.count) {
                    ofKind.append(try count(try queries.codes.code(query), queries.kind, wanted, snapshot))
                }
                ofKind.sort { $0.probes < $1.probes }
                if let first = ofKind.first { counts.append(first) }
                if let last = ofKind.last, ofKind.count > 1 { counts.append(last) }
            }
        }
        return counts
    }

    private func count(_ code: BinaryCode, _ kind: String, _ wanted: Int, _ snapshot: borrowing Snapshot) throws
        -> AllocationCount
    {
        // Explaining comes first: it warms up, and is not counted.
        var explanation = QueryExplanation()
        _ = try snapshot.nearest(to: code, count: wanted, plan: .probe, explaining: &explanation)
        let before = allocations_of_this_thread()
        _ = try snapshot.nearest(to: code, count: wanted, plan: .probe)
        let allocations = allocations_of_this_thread() - before
        let work = explanation.parts.map(\.work)
        return AllocationCount(
            set: set.name, kind: kind, operation: .nearest(wanted), probes: work.reduce(0) { $0 + $1.probes },
            candidates: work.reduce(0) { $0 + $1.candidates }, allocations: Int(allocations))
    }
}

extension [AllocationCount] {
    /// So many more may be asked for by a query with more probes: a few lists grow by doubling. One for each probe would be thousands.
    static let spared = 16

    /// Whether the number of allocations does not grow with the probes: no count is more than `spared` above that of the fewest probes on
    /// the same set.
    var areIndependentOfProbes: Bool {
        Dictionary(grouping: self, by: \.set).values.allSatisfy { counts in
            guard let fewest = counts.min(by: { $0.probes < $1.probes }) else { return true }
            return counts.allSatisfy { $0.allocations <= fewest.allocations + Self.spared }
        }
    }
}
