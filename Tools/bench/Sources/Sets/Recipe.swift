/// How a set is made.
struct Recipe {
    let name: String
    let bitWidth: Int
    var count: Int
    let distribution: Distribution
    let kinds: [String]
    let operations: [Operation]
    /// Whether it is made only where it is asked for.
    var isLarge = false
    /// What is measured besides single queries.
    var extras = Extras()

    /// All sets, in the order in which they are measured.
    static let all: [Recipe] = {
        let nearest: [Operation] = [.nearest(1), .nearest(10), .nearest(100)]
        let flips = ["0", "2", "4", "8", "rand"]
        let short = nearest + [.within(2), .within(4), .within(8)]
        func uniform(_ name: String, _ count: Int, large: Bool = false, _ extras: Extras = []) -> Recipe {
            Recipe(
                name: name, bitWidth: 64, count: count, distribution: .uniform, kinds: flips, operations: short,
                isLarge: large, extras: extras)
        }
        func of(
            _ name: String, _ bitWidth: Int, _ count: Int, _ distribution: Distribution,
            _ kinds: [String] = ["new", "4", "rand"], _ operations: [Operation]? = nil
        ) -> Recipe {
            Recipe(
                name: name, bitWidth: bitWidth, count: count, distribution: distribution, kinds: kinds,
                operations: operations ?? short)
        }
        let clustered = Distribution.clustered(bits: 48, probability: 0.05)
        let tiny: [Operation] = nearest + [.within(1), .within(2)]
        let duplicates = nearest + [.within(8), .within(31)]
        return [
            uniform("u64-60k", 60_000),
            of("c48-60k", 48, 60_000, clustered),
            of("cifar64-60k", 64, 59_000, .images(noise: 0)),
            of("c12-60k", 16, 60_000, .clustered(bits: 12, probability: 0.05), ["new", "0", "rand"], tiny),
            of("c16-60k", 16, 60_000, .clustered(bits: 16, probability: 0.05), ["new", "0", "rand"], tiny),
            uniform("u64-1m", 1_000_000, [.allocations, .batches, .filters, .pairs]),
            of("u64-dup30-1m", 64, 1_000_000, .repeating(share: 0.3), flips),
            of("c48-1m", 48, 1_000_000, clustered),
            of("cifar64-1m", 64, 1_000_000, .images(noise: 0.03)),
            of("c16-1m", 16, 1_000_000, .clustered(bits: 16, probability: 0.05), ["new", "0", "rand"], tiny),
            of("p256-1m", 256, 1_000_000, .planted, ["dup", "dup8", "0", "8", "rand"], duplicates),
            uniform("u64-10m", 10_000_000, [.batches, .pairs]),
            of("p256-10m", 256, 10_000_000, .planted, ["dup", "dup8", "0", "8", "rand"], duplicates),
            uniform("u64-100m", 100_000_000, large: true),
        ]
    }()
}

extension Recipe {
    /// The same with another number of codes, and single queries only.
    func resized(to count: Int) -> Recipe {
        var resized = self
        resized.count = count
        resized.extras = []
        return resized
    }
}

/// How the codes of a set are spread.
enum Distribution {
    case uniform
    /// Uniform, but this share equals an earlier code.
    case repeating(share: Double)
    /// Ten centres, of whose first bits each is flipped with this probability.
    case clustered(bits: Int, probability: Double)
    /// Uniform, but each query of the kind `dup` has ten codes at 0 to 31 bits, and so have three of the eight of each `dup8`.
    case planted
    /// Signs of random projections of images; beyond their number repeated, with each bit flipped with this probability.
    case images(noise: Double)
}
