import Foundation
import HashDB

/// Measures on a set what goes beyond single queries.
struct ExtrasRun {
    let set: CodeSet
    let extras: Extras
    let options: RunOptions
    let log: (String) -> Void

    private static let pairRadii = [4, 8]
    private static let batchCount = 1000

    /// Opens the set's store at `path`; the figures are added to the results.
    func run(_ path: String, into results: inout Results) async throws {
        guard !extras.isEmpty else { return }
        let store = try await Store.open(at: path, access: .readOnly)
        if extras.contains(.allocations) {
            log("\(set.name): allocations")
            results.allocations += try onThisThread(store) { try AllocationRun(set: set).run($0) }
        }
        if extras.contains(.batches) {
            log("\(set.name): batches")
            for (flips, count) in [(nil, 10), (2, 1)] {
                let run = BatchRun(
                    set: set.name, kind: flips.map(String.init) ?? "rand", codes: try batch(flips: flips), count: count,
                    cores: ProcessInfo.processInfo.activeProcessorCount, repeats: options.isQuick ? 1 : 5)
                results.batches.append(try await run.run(.automatic, store))
            }
        }
        if extras.contains(.filters), let random = set.queries.first(where: { $0.kind == "rand" }) {
            log("\(set.name): filters")
            let codes = try (0..<min(random.count, options.isQuick ? 3 : 20)).map { try random.codes.code($0) }
            let run = FilterRun(set: set.name, codes: codes, count: 10)
            results.filters += try onThisThread(store) { try run.run($0) }
        }
        if extras.contains(.pairs) {
            for radius in Self.pairRadii {
                log("\(set.name): pairs within \(radius)")
                let run = PairRun(set: set.name, radius: radius, sample: options.isQuick ? 20 : 200)
                results.pairs.append(try onThisThread(store) { try run.run($0) })
            }
        }
    }

    private func onThisThread<R>(_ store: Store, _ body: (borrowing Snapshot) throws -> R) throws -> R {
        try store.read(body)
    }

    /// A thousand codes of the set with so many bits flipped; nil: random ones.
    private func batch(flips: Int?) throws -> [BinaryCode] {
        var generator = Xoshiro(named: "\(set.name) batch \(flips ?? -1)")
        return try (0..<Self.batchCount).map { _ in
            guard let flips else {
                return try BinaryCode(
                    bytes: (0..<set.codes.bitWidth / 8).map { _ in UInt8.random(in: 0...255, using: &generator) })
            }
            var bytes = try set.codes.code(generator.index(below: set.codes.count)).bytes
            for bit in (0..<8 * bytes.count).shuffled(using: &generator).prefix(flips) {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            return try BinaryCode(bytes: bytes)
        }
    }
}
