/// What is measured on a set besides single queries.
struct Extras: OptionSet {
    let rawValue: Int

    /// How often a query asks for memory.
    static let allocations = Extras(rawValue: 1)
    /// A batch of a thousand queries against the same queries one at a time.
    static let batches = Extras(rawValue: 2)
    /// Queries under filters of many sizes.
    static let filters = Extras(rawValue: 4)
    /// All pairs within a few bits.
    static let pairs = Extras(rawValue: 8)
}
