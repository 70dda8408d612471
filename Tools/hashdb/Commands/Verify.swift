import ArgumentParser
import HashDB

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a whole store, all its collections: checksums, index against codes, counts.",
        discussion: "Exit status 1, and what is damaged and where, if anything is."
    )

    @Argument(help: "The store.")
    var store: String

    @OptionGroup
    var collections: CollectionsOption

    func run() throws {
        var failure: (any Error)?
        for store in try collections.open(store) {
            do {
                let count = try store.read { snapshot in
                    try snapshot.checkInvariants()
                    return snapshot.count
                }
                StandardError.note("\(store.title): \(count) items, no damage found")
            } catch {
                // The other collections may be whole.
                if let failure { StandardError.warn("\(failure)") }
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
