import ArgumentParser
import CodeFiles
import HashDB

/// Times a batch of queries of a store against the same queries one at a time.
struct Batch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time a batch of queries on one core and on all against the same queries one at a time.")

    @Argument var store: String
    @Option(help: "A .npy file of queries.") var queries: String
    @Option(name: .short, help: "The number of nearest items.") var k = 10
    @Option(help: "The repetitions of which the best counts.") var repeats = 3

    func run() async throws {
        let store = try Store.open(at: store, access: .readOnly)
        var reader = try CodeReader(path: queries)
        let bytes = try reader.next(upTo: reader.count) ?? []
        let codes = try (0..<reader.count).map { row in
            try BinaryCode(bytes: bytes[row * reader.codeBytes..<(row + 1) * reader.codeBytes])
        }
        for plan in [QueryPlan.automatic, .probe, .scan] {
            var single: [[Match]] = []
            let alone = try await best {
                single = try store.read { snapshot in
                    try codes.map { try snapshot.nearest(to: $0, count: k, plan: plan) }
                }
            }
            var row = "\(plan.rawValue): one at a time \(format(alone, codes.count))"
            for tasks in [1, 2] {
                let batch = try await best {
                    let batch = try await store.answers(.nearest(k), to: codes, plan: plan, tasks: tasks)
                    guard batch == single else { throw BenchError("the batch's answers are wrong") }
                }
                row += "; in \(tasks) tasks \(format(batch, codes.count))"
            }
            print(row)
        }
    }

    /// The best times of several runs in microseconds: by the clock, and of the processor, which others on the machine disturb less.
    private func best(_ body: () async throws -> Void) async throws -> (clock: Double, processor: Double) {
        var best = (clock: Double.infinity, processor: Double.infinity)
        for _ in 0..<repeats {
            let start = ContinuousClock.now
            let processor = ProcessMemory.processorSeconds
            try await body()
            best.clock = min(best.clock, (ContinuousClock.now - start) / .microseconds(1))
            best.processor = min(best.processor, (ProcessMemory.processorSeconds - processor) * 1e6)
        }
        return best
    }

    private func format(_ time: (clock: Double, processor: Double), _ count: Int) -> String {
        "\(Format.number(time.clock / Double(count))) (\(Format.number(time.processor / Double(count)))) µs"
    }
}
