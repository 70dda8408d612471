import ArgumentParser
import HashDB

/// How far a query looks, and how it is answered.
struct SearchOptions: ParsableArguments {
    @Option(name: .short, help: ArgumentHelp("The number of nearest items (default: 10).", valueName: "k"))
    var k: Int?

    @Option(help: ArgumentHelp("All items within this distance, itself included.", valueName: "r"))
    var radius: Int?

    @Option(help: "How to answer; every plan gives the same answers.")
    var plan = QueryPlan.automatic

    func validate() throws {
        if k != nil, radius != nil { throw ValidationError("give -k or --radius, not both") }
        if let k, k < 1 { throw ValidationError("-k \(k): the number of neighbours must be at least 1") }
        if let radius, radius < 0 { throw ValidationError("--radius \(radius): a radius must be at least 0") }
    }

    /// The answer to one query.
    func run(_ code: BinaryCode, in snapshot: borrowing Snapshot) throws -> [Match] {
        if let radius {
            try snapshot.within(radius: radius, of: code, plan: plan)
        } else {
            try snapshot.nearest(to: code, count: k ?? 10, plan: plan)
        }
    }
}

extension QueryPlan: ExpressibleByArgument {}
