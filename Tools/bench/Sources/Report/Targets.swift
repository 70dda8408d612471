/// The figures that the engine is held to: "reach" must be, "aim" would be better still.
enum Targets {
    /// All of them, with what was measured.
    static func judge(_ results: Results) -> [JudgedCell] {
        queries(results) + [worst(results)] + small(results) + stores(results) + inserts(results) + batches(results)
    }

    private static func queries(_ results: Results) -> [JudgedCell] {
        let ten = Operation.nearest(10)
        let cells: [(String, String, String, Operation, Double, Double)] = [
            ("10-NN, 1 M uniform 64, random query", "u64-1m", "rand", ten, 0.30, 0.20),
            ("10-NN, 10 M uniform 64, random query", "u64-10m", "rand", ten, 0.06, 0.04),
            ("10-NN, 1 M clustered 48, new query", "c48-1m", "new", ten, 0.01, 0.005),
            ("10-NN, 1 M clustered 48, random query", "c48-1m", "rand", ten, 0.30, 0.20),
            ("10-NN, 1 M LSH of CIFAR, new query", "cifar64-1m", "new", ten, 0.14, 0.10),
            ("range 31, 1 M 256-bit", "p256-1m", "dup", .within(31), 0.05, 0.03),
            ("1-NN at 0 flips, 10 M uniform 64", "u64-10m", "0", .nearest(1), 1 / 2500, 1 / 5000),
            ("1-NN at 2 flips, 10 M uniform 64", "u64-10m", "2", .nearest(1), 1 / 2000, 1 / 3000),
            ("1-NN at 4 flips, 10 M uniform 64", "u64-10m", "4", .nearest(1), 1 / 500, 1 / 700),
            ("1-NN at 8 flips, 10 M uniform 64", "u64-10m", "8", .nearest(1), 1 / 80, 1 / 100),
            ("range 4 at 2 flips, 10 M uniform 64", "u64-10m", "2", .within(4), 1 / 1000, 1 / 1500),
            ("range 8 at 2 flips, 10 M uniform 64", "u64-10m", "2", .within(8), 1 / 80, 1 / 100),
            ("range 31, 10 M 256-bit, one query", "p256-10m", "dup", .within(31), 0.05, 0.02),
            ("range 31, 10 M 256-bit, 8 rotations and mirrors", "p256-10m", "dup8", .within(31), 0.2, 0.1),
            ("10-NN, 1 M uniform 64, 30 % repeated, random query", "u64-dup30-1m", "rand", ten, 0.30, 0.20),
        ]
        return cells.map { title, set, kind, operation, reach, aim in
            let cell = results.cell(set, kind, operation)
            return JudgedCell(
                title: title, unit: .scans, reach: reach, aim: aim, measured: cell?.multiple(), cell: cell)
        }
    }

    /// The cell in which the engine, left to itself, is worst against the scan.
    private static func worst(_ results: Results) -> JudgedCell {
        let single = results.cells.filter { $0.group == 1 }
        let worst = single.max { ($0.multiple() ?? 0) < ($1.multiple() ?? 0) }
        return JudgedCell(
            title: "any query on any set, worst case", unit: .scans, reach: 1.10, aim: 1.00,
            measured: worst?.multiple(), cell: worst,
            note: worst.map { "\($0.set), \($0.kind), \($0.operation); worst of \(single.count) cells" })
    }

    /// Where a scan takes tens of microseconds: the worst kind of query.
    private static func small(_ results: Results) -> [JudgedCell] {
        ["u64-60k", "c48-60k", "cifar64-60k"].map { set in
            let worst = results.cells.filter { $0.set == set && $0.operation == .nearest(10) }
                .max { ($0.multiple() ?? 0) < ($1.multiple() ?? 0) }
            return JudgedCell(
                title: "10-NN, 60 k codes, worst query of \(set)", unit: .scans, reach: 0.6, aim: 0.4,
                measured: worst?.multiple(), cell: worst, note: worst.map { "\($0.kind) query" })
        }
    }

    private static func stores(_ results: Results) -> [JudgedCell] {
        let ten = results.store("u64-10m")
        return ["u64-1m", "u64-10m", "u64-100m"].compactMap { set in
            let store = results.store(set)
            guard store != nil || set == "u64-10m" else { return nil }
            let processor = store.map { Double($0.count) / max($0.load.processorSeconds, 1e-9) }
            return JudgedCell(
                title: "bulk import, one core, \(set)", unit: .codesPerSecond, reach: 2e6, aim: 5e6,
                measured: store?.loadRate,
                note: processor.map { "by processor time alone \(Format.count($0))/s" })
        } + [
            JudgedCell(
                title: "bytes per code on disk, 64 bits, 10 M", unit: .bytes, reach: 48, aim: 32,
                measured: ten?.bytesPerCode, note: ten.map { "m × w: \($0.load.shape)" }),
            JudgedCell(
                title: "opening a 10 M store and first query", unit: .milliseconds, reach: 10, aim: 2,
                measured: ten?.openAndFirst.map { $0.median / 1000 }, note: "in a fresh process, file in the page cache"
            ),
        ]
    }

    private static func inserts(_ results: Results) -> [JudgedCell] {
        let off = results.inserts.first { !$0.synchronous }
        let on = results.inserts.first { $0.synchronous }
        let plain = on.flatMap { inserts in inserts.figures.plainSeconds.map { Double(inserts.figures.codes) / $0 } }
        return [
            JudgedCell(
                title: "inserts, 1,000 a commit, sync off", unit: .codesPerSecond, reach: 300e3, aim: 1e6,
                measured: off?.rate),
            JudgedCell(
                title: "inserts, 1,000 a commit, sync on", unit: .codesPerSecond, reach: nil, aim: nil,
                measured: on?.rate,
                note: plain.map { "as many writes of a plain file with fdatasync: \(Format.count($0))/s" }),
        ]
    }

    /// A thousand queries on all cores against one at a time on one.
    private static func batches(_ results: Results) -> [JudgedCell] {
        results.batches.map { batch in
            let cores = Double(batch.inTasks.count)
            return JudgedCell(
                title:
                    "batch of \(batch.queries) on \(batch.inTasks.count) cores, \(batch.set), \(batch.kind == "rand" ? "random" : "\(batch.kind) flips")",
                unit: .speedup, reach: 0.8 * cores, aim: batch.kind == "rand" ? 1.6 * cores : cores,
                measured: batch.speedup, note: "\(Format.number(batch.alone.clock)) µs alone")
        }
    }
}
