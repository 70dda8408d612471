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
        if !results.batches.isEmpty {
            parts.append(
                "BATCHES (a thousand queries, random ones for 10 neighbours, others for 1: µs for one by the clock, of all processors in brackets)\n\n"
                    + Self.table(results.batches))
        }
        if !results.filters.isEmpty {
            parts.append(
                "FILTERS (10 neighbours of random queries among the items that pass)\n\n" + Self.table(results.filters))
        }
        if !results.pairs.isEmpty {
            parts.append("PAIRS (all pairs of a set within a radius, on one core)\n\n" + Self.table(results.pairs))
        }
        return parts
    }

    static func table(_ batches: [BatchFigures]) -> String {
        let tasks = batches.map(\.inTasks.count).max() ?? 0
        var table = TextTable(
            ["set", "query", "plan", "one at a time"] + (0..<tasks).map { "\($0 + 1) task\($0 == 0 ? "" : "s")" }
                + ["times as fast"], leftColumns: 3)
        for batch in batches {
            table.append(
                [batch.set, batch.kind, batch.plan]
                    + ([batch.alone] + batch.inTasks).map {
                        "\(Format.number($0.clock)) (\(Format.number($0.processor)))"
                    } + [Format.number(batch.speedup)])
        }
        return table.text
    }

    static func table(_ filters: [FilterFigures]) -> String {
        var table = TextTable(["set", "filter", "passes %", "median µs", "p99"], leftColumns: 2)
        for filter in filters {
            table.append([
                filter.set, filter.filter, "\(filter.share * 100)", Format.microseconds(filter.times.median),
                Format.microseconds(filter.times.percentile99),
            ])
        }
        return table.text
    }

    static func table(_ pairs: [PairFigures]) -> String {
        var table = TextTable(["set", "radius", "pairs", "seconds", "items checked"], leftColumns: 1)
        for run in pairs {
            table.append([
                run.set, String(run.radius), String(run.pairs), Format.number(run.seconds), String(run.checked),
            ])
        }
        return table.text
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
