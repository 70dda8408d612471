import ArgumentParser
import HashDB

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a whole store, all its collections: pages, checksums, index against codes, counts.",
        discussion: """
            Exit status 1, and what is damaged and where, if anything is. Pages are looked at first, and while nobody writes;
            where any is damaged, nothing else is read. `rebuild` saves what is whole.
            """
    )

    @Argument(help: "The store.")
    var store: String

    @OptionGroup
    var collections: CollectionsOption

    func run() throws {
        let pages = try damagedPages()
        guard pages.isEmpty else {
            for page in pages { StandardError.warn("\(store): \(page)") }
            throw HashDBError.damaged(
                path: store, part: "the pages named above", reason: "nothing else was read")
        }
        var failure: (any Error)?
        for store in try collections.open(store) {
            do {
                let count = try itemsChecked(store)
                StandardError.note("\(store.title): \(count) items, no damage found")
            } catch {
                // The other collections may be whole.
                if let failure { StandardError.warn("\(failure)") }
                failure = error
            }
        }
        if let failure { throw failure }
    }
    private func damagedPages() throws -> [String] {
        let progress = ProgressReport(unit: "MB")
        defer { progress.clear() }
        return try Store.damagedPages(at: store) { done, total in
            progress.update(done: done / 1_000_000, total: total / 1_000_000, detail: "pages")
        }
    }

    private func itemsChecked(_ store: Store) throws -> Int {
        let progress = ProgressReport(unit: "rows")
        defer { progress.clear() }
        return try store.read { snapshot in
            try snapshot.checkInvariants { progress.update(done: $0, total: $1, detail: "index") }
            return snapshot.count
        }
    }
}
