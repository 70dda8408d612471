/// What is measured on a set besides single queries.
struct Extras: OptionSet {
    let rawValue: Int

    /// How often a query asks for memory.
    static let allocations = Extras(rawValue: 1)
}
