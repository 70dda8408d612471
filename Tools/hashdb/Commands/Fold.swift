import ArgumentParser
import HashDB

struct Fold: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Merge everything of each collection into one segment, for the fastest queries and the smallest store."
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collections: CollectionsOption

    func run() throws {
        for store in try collections.open(store, access: .readWrite) {
            try store.fold()
            StandardError.note("\(store.title): \(try store.count) items folded")
        }
    }
}
