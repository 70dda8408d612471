import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a whole store, all its collections: pages, checksums, index against codes, counts, records.",
        discussion: """
            Exit status 1, and what is damaged and where, if anything is. Pages are looked at first, and while nobody writes;
            where any is damaged, nothing else is read. `rebuild` saves what is whole. Where the record of an image alone is \
            damaged, its id is named: `delete` it, and `ingest` its files again. With --json one object:
              {"whole": true, "pages": [],
               "collections": [{"collection": "default", "items": 400, "damage": null}]}
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collections: CollectionsOption

    @Flag(help: "Print one JSON object of what was found.")
    var json = false

    func run() throws {
        var failure: (any Error)?
        let pages = try damagedPages()
        if !pages.isEmpty {
            for page in pages { StandardError.warn("\(store): \(page)") }
            failure = HashDBError.damaged(
                path: store, part: "the pages named above", reason: "nothing else was read")
        }
        var checked: [JSONValue] = []
        for store in pages.isEmpty ? try collections.open(store) : [] {
            let name = JSONValue.string(store.collection)
            do {
                let count = try itemsChecked(store)
                try checkRecords(of: store)
                checked.append(["collection": name, "items": .integer(count), "damage": .null])
                if !json { StandardError.note("\(store.title): \(count) items, no damage found") }
            } catch {
                // The other collections may be whole.
                if let failure { StandardError.warn("\(failure)") }
                failure = error
                checked.append(["collection": name, "items": .null, "damage": .string("\(error)")])
            }
        }
        if json {
            let report: JSONValue = [
                "whole": .bool(failure == nil), "pages": .array(pages.map { .string($0) }),
                "collections": .array(checked),
            ]
            try StandardOutput.writeLine(report)
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

    /// Names what is damaged of the records of images; throws the last.
    private func checkRecords(of store: Store) throws {
        let damaged = try store.damagedImageRecords()
        for error in damaged.dropLast() { StandardError.warn(error) }
        if let last = damaged.last { throw last }
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
