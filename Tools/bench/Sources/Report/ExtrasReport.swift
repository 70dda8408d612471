import HashDB

/// The tables of what goes beyond single queries.
struct ExtrasReport {
    private let results: Results

    init(_ results: Results) { self.results = results }

    /// The tables that have something in them, each below its title.
    var parts: [String] {
        var parts: [String] = []
        if !results.allocations.isEmpty {
            parts.append(
                "ALLOCATIONS (of one query by probing, warm: of each kind of query the one with the fewest and the one with the "
                    + "most probes;\nat most \([AllocationCount].spared) more than with the fewest probes of a set: "
                    + "\(results.allocations.areIndependentOfProbes ? "yes" : "NO"))\n\n" + allocations)
        }
        return parts
    }

    var allocations: String {
        var table = TextTable(["set", "query", "asked", "probes", "candidates", "allocations"], leftColumns: 3)
        for count in results.allocations {
            table.append([
                count.set, count.kind, count.operation.description, String(count.probes), String(count.candidates),
                String(count.allocations),
            ])
        }
        return table.text
    }
}
