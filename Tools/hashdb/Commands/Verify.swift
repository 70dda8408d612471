import ArgumentParser
import HashDB

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a whole store: checksums, index against codes, counts.",
        discussion: "Exit status 1, and what is damaged and where, if anything is."
    )

    @Argument(help: "The store.")
    var store: String

    func run() throws {
        let count = try Store.open(at: store, access: .readOnly).read { snapshot in
            try snapshot.checkInvariants()
            return snapshot.count
        }
        StandardError.note("\(store): \(count) items, no damage found")
    }
}
