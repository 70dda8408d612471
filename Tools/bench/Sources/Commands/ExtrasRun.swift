import HashDB

/// Measures on a set what goes beyond single queries.
struct ExtrasRun {
    let set: CodeSet
    let extras: Extras
    let options: RunOptions
    let log: (String) -> Void

    /// Opens the set's store at `path`; the figures are added to the results.
    func run(_ path: String, into results: inout Results) throws {
        guard !extras.isEmpty else { return }
        let store = try Store.open(at: path, access: .readOnly)
        if extras.contains(.allocations) {
            log("\(set.name): allocations")
            results.allocations += try store.read { try AllocationRun(set: set).run($0) }
        }
    }
}
