import ArgumentParser
import HashDB

/// Times the search for all pairs of a store.
struct Pairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time the search for all pairs within a radius; those of some items are compared with scans.")

    @Argument var store: String
    @Option(help: "The largest distance of a pair.") var radius: Int
    @Option(help: "The number of items whose pairs are compared.") var sample = 200

    func run() throws {
        let store = try Store.open(at: store, access: .readOnly)
        try store.read { snapshot in
            var left = sample
            let step = max(1, snapshot.count / max(1, sample))
            var expected: [UInt64: Int] = [:]
            var seen = 0
            try snapshot.forEachItem(payloads: false) { item in
                defer { seen += 1 }
                guard seen % step == 0, left > 0 else { return true }
                left -= 1
                // An item is within every radius of itself.
                expected[item.id] = try snapshot.within(radius: radius, of: item.code, plan: .scan).count - 1
                return true
            }
            var found = expected.mapValues { _ in 0 }
            var pairs = 0
            let start = ContinuousClock.now
            try snapshot.forEachPair(within: radius) { pair in
                pairs += 1
                found[pair.a]? += 1
                found[pair.b]? += 1
                return true
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            guard found == expected else { throw BenchError("pairs are missing or too many") }
            print("radius \(radius): \(pairs) pairs in \(Format.number(seconds)) s, \(sample) items checked")
        }
    }
}
