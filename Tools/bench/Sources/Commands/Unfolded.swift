import ArgumentParser
import HashDB

/// What items cost that are not in the index yet: every query is compared with all of them.
struct Unfolded: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time queries of a store with and without new items; every answer is compared with a plain loop.")

    @Option(help: "The items of the index, random codes of 64 bits.") var items = 1_000_000
    @Option(help: "The new items beside it; more than 16,384 would go into the index.") var new = 16_000
    @Option(help: "The number of queries of each kind.") var count = 400
    @Option(help: "Where the store goes; TMPDIR or /tmp otherwise.") var dir: String?

    func run() throws {
        guard items > 0, new > 0, count > 0 else { throw ValidationError("all numbers are at least 1") }
        var generator = Xoshiro(named: "unfolded")
        var codes = CodeArray(bitWidth: 64)
        for _ in 0..<items { codes.appendUniform(&generator) }
        var all = codes
        for _ in 0..<new { all.appendUniform(&generator) }
        let queries = queries(all, &generator)

        let store = try Store.temporary(bitWidth: 64, directory: dir)
        try store.bulkLoad { try $0.append(packedCodes: codes.packed(0..<items)) }
        var table = TextTable(["new items", "near", "question", "p50 µs", "p99 µs"], leftColumns: 3)
        try measure(store, codes, queries, into: &table)
        for start in stride(from: items, to: all.count, by: 1000) {
            try store.write { transaction in
                for row in start..<min(all.count, start + 1000) { _ = try transaction.insert(code: all.code(row)) }
            }
        }
        try measure(store, all, queries, into: &table)
        print(table.text)
    }

    /// Codes two bits from one of the index, two bits from a new one, and near none.
    private func queries(_ all: CodeArray, _ generator: inout Xoshiro) -> [CodeSet.Queries] {
        let origins = [("index", 0..<items), ("new", items..<all.count), ("none", 0..<0)]
        return origins.map { kind, rows in
            var codes = CodeArray(bitWidth: 64)
            for _ in 0..<count {
                if rows.isEmpty {
                    codes.appendUniform(&generator)
                } else {
                    let row = rows.lowerBound + generator.index(below: rows.count)
                    codes.append(all[row].flipping(2, of: 64, &generator))
                }
            }
            return CodeSet.Queries(kind: kind, codes: codes)
        }
    }

    private func measure(
        _ store: Store, _ codes: CodeArray, _ queries: [CodeSet.Queries], into table: inout TextTable
    ) throws {
        let set = CodeSet(
            name: "\(codes.count - items)", codes: codes, queries: queries, operations: [.nearest(1), .nearest(10)])
        let flat = try FlatScan(codes)
        for queries in queries {
            let truths = SetRun.truths(of: queries, in: set)
            for operation in set.operations {
                let run = QueryRun(
                    queries: queries, truths: truths, operation: operation, flat: flat, plans: [.automatic],
                    budget: 2e6)
                let times = try store.read { try run.run($0, set: set.name).plans[QueryPlan.automatic.rawValue] }
                table.append([
                    set.name, queries.kind, "\(operation)", Format.microseconds(times?.median),
                    Format.microseconds(times?.percentile99),
                ])
            }
        }
    }
}
