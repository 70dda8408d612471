/// What a set costs as a store, all measured in processes of their own.
struct StoreFigures: Codable {
    let set: String
    let bitWidth: Int
    let count: Int
    let load: ImportOnce.Figures
    /// From the start of `Store.open` to the end of the first query, the file in the page cache; and the first query alone.
    let openAndFirst: Times.Summary?
    /// After a hundred queries.
    let queryMemory: ProcessMemory?
    let cold: [Cold]

    /// The first query of a process, the file's pages dropped before it was opened.
    struct Cold: Codable {
        let kind: String
        let operation: Operation
        let openAndFirst: Times.Summary?
        /// The largest share of the file that was still in memory.
        let residentShare: Double?
    }

    var bytesPerCode: Double { Double(load.fileBytes) / Double(count) }
    /// Codes a second on one core: by the clock or by processor time, whichever is worse.
    var loadRate: Double { Double(count) / max(load.seconds, load.processorSeconds, 1e-9) }
}

/// Builds a set's store and measures everything that needs a fresh process.
struct StoreRun {
    let set: CodeSet
    let files: SetFiles
    let store: String
    let repeats: Int

    func run() throws -> StoreFigures {
        let load = try Subprocess.bench(
            ["import-once", "--codes", files.codes, "--store", store], as: ImportOnce.Figures.self)
        var warm = Times()
        for i in 0..<repeats {
            let figures = try open(set.queries[set.queries.count - 1].kind, .nearest(10), first: i)
            warm.append(figures.openMicroseconds + figures.firstMicroseconds)
        }
        let last = set.queries[set.queries.count - 1]
        let memory = try open(last.kind, .nearest(10), first: 0, count: min(100, last.codes.count)).memory
        var cold: [StoreFigures.Cold] = []
        for (kind, operation) in coldQuestions { cold.append(try runCold(kind, operation)) }
        return StoreFigures(
            set: set.name, bitWidth: set.codes.bitWidth, count: set.codes.count, load: load,
            openAndFirst: warm.summary, queryMemory: memory, cold: cold)
    }

    /// One near neighbour, ten far ones, and what the set is for.
    private var coldQuestions: [(String, Operation)] {
        self.set.codes.bitWidth == 256
            ? [("dup", .within(31)), ("rand", .nearest(10))]
            : [(set.queries[0].kind, .nearest(1)), (set.queries[0].kind, .within(4)), ("rand", .nearest(10))]
    }

    private func runCold(_ kind: String, _ operation: Operation) throws -> StoreFigures.Cold {
        var times = Times()
        var share: Double?
        for i in 0..<repeats {
            let figures = try open(kind, operation, first: i, cold: true)
            guard let resident = figures.residentShare else { continue }
            share = max(share ?? 0, resident)
            times.append(figures.openMicroseconds + figures.firstMicroseconds)
        }
        return StoreFigures.Cold(kind: kind, operation: operation, openAndFirst: times.summary, residentShare: share)
    }

    private func open(
        _ kind: String, _ operation: Operation, first: Int, count: Int = 1, cold: Bool = false
    ) throws -> OpenOnce.Figures {
        var arguments = ["open-once", "--store", store, "--queries", files.queries(kind)]
        arguments += ["--first", String(first), "--count", String(count)]
        switch operation {
        case .nearest(let count): arguments += ["--nearest", String(count)]
        case .within(let radius): arguments += ["--within", String(radius)]
        }
        if cold { arguments.append("--cold") }
        return try Subprocess.bench(arguments, as: OpenOnce.Figures.self)
    }
}
