import HashDB

/// The run as text.
struct Report {
    let results: Results

    private static let columns = [Prototype.column, "faiss Flat", "faiss MultiHash"]

    var text: String {
        let machine = results.machine
        var parts = [
            "\(machine.processor), \(machine.cores) cores, \(machine.memoryGiB) GiB; flat scan: \(machine.scanKernel), "
                + "engine: \(machine.engineKernel)",
            "One thread, one query at a time, warm, all ids and distances of every answer held against a plain comparison "
                + "with every code.\n× is the median as a multiple of the flat scan (same question, in-memory codes, timed "
                + "between the queries).\nprototype: × of its own scan; faiss: × of ours; ÷ prototype: our × by its. – : not measured.",
        ]
        parts += results.notes.map { "note: \($0)" }
        parts.append("TARGETS\n\n" + targets)
        if !results.stores.isEmpty {
            parts.append(
                "STORES (from processes of their own; anon: most memory that was no file's; file: of the mapped file, after a hundred queries)\n\n"
                    + stores)
        }
        if !cold.isEmpty {
            parts.append(
                "COLD (first query of a fresh process, after fsync and posix_fadvise(DONTNEED) of the unmapped file; "
                    + "left: its share still in memory)\n\n" + cold)
        }
        if !results.cells.isEmpty { parts.append("WORST (the engine left to itself, against the scan)\n\n" + worst) }
        parts += ExtrasReport(results).parts
        for set in results.stores.map(\.set) { parts.append("\(set)\n\n" + table(of: set)) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var targets: String {
        var table = TextTable(
            ["cell", "reach", "aim", "measured", "reached", "µs", "scan µs"] + Self.columns + ["÷ prototype", "note"],
            leftColumns: 1)
        for cell in results.judged {
            table.append(
                [
                    cell.title, cell.text(cell.reach), cell.text(cell.aim), cell.text(cell.measured), cell.verdict,
                    Format.microseconds(cell.cell?.plans[QueryPlan.automatic.rawValue]?.median),
                    Format.microseconds(cell.cell?.flat.median),
                ] + Self.columns.map { Format.multiple(cell.cell?.peers[$0]?.multiple) }
                    + [Format.multiple(cell.cell?.byPrototype), cell.note ?? ""])
        }
        return table.text
    }

    private var worst: String {
        var table = TextTable(["set", "query", "asked", "auto µs", "auto ×", "probe ×", "scan ×"], leftColumns: 3)
        let cells = results.cells.filter { $0.group == 1 }.sorted { $0.multiple() ?? 0 > $1.multiple() ?? 0 }
        for cell in cells.prefix(12) {
            table.append([
                cell.set, cell.kind, cell.operation.description,
                Format.microseconds(cell.plans[QueryPlan.automatic.rawValue]?.median), Format.multiple(cell.multiple()),
                Format.multiple(cell.multiple(.probe)), Format.multiple(cell.multiple(.scan)),
            ])
        }
        return table.text
    }

    private var stores: String {
        var table = TextTable(
            [
                "set", "m × w", "codes", "bits", "import", "by CPU", "import anon MiB", "bytes/code", "open+1st ms",
                "query anon MiB", "file MiB",
            ], leftColumns: 2)
        for store in results.stores {
            table.append([
                store.set, store.load.shape, Format.count(Double(store.count)), String(store.bitWidth),
                "\(Format.count(store.loadRate))/s",
                "\(Format.count(Double(store.count) / max(store.load.processorSeconds, 1e-9)))/s",
                Format.mebibytes(store.load.anonymousPeak), Format.number(store.bytesPerCode),
                Format.microseconds(store.openAndFirst.map { $0.median / 1000 }),
                Format.mebibytes(store.queryMemory?.anonymous), Format.mebibytes(store.queryMemory?.file),
            ])
        }
        return table.text
    }

    private var cold: String {
        var table = TextTable(["set", "query", "asked", "median ms", "p99 ms", "left"], leftColumns: 3)
        for store in results.stores {
            for cold in store.cold {
                guard let times = cold.openAndFirst else { continue }
                table.append([
                    store.set, cold.kind, cold.operation.description, Format.number(times.median / 1000),
                    Format.number(times.percentile99 / 1000), Format.number(cold.residentShare ?? 0),
                ])
            }
        }
        return table.text.split(separator: "\n").count > 2 ? table.text : ""
    }

    private func table(of set: String) -> String {
        var table = TextTable(
            ["query", "asked", "scan µs", "auto µs", "p99", "auto ×", "probe ×", "scan ×"] + Self.columns
                + ["÷ prototype", "answers"],
            leftColumns: 2)
        for cell in results.cells where cell.set == set {
            let auto = cell.plans[QueryPlan.automatic.rawValue]
            table.append(
                [
                    cell.kind, cell.operation.description, Format.microseconds(cell.flat.median),
                    Format.microseconds(auto?.median), Format.microseconds(auto?.percentile99),
                    Format.multiple(cell.multiple()), Format.multiple(cell.multiple(.probe)),
                    Format.multiple(cell.multiple(.scan)),
                ] + Self.columns.map { Format.multiple(cell.peers[$0]?.multiple) }
                    + [Format.multiple(cell.byPrototype), String(cell.answersChecked)])
        }
        return table.text
    }
}
