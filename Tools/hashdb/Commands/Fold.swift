import ArgumentParser
import HashDB

struct Fold: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge everything into one segment, for the fastest queries and the smallest store."
    )

    @Argument(help: "The store.")
    var store: String

    func run() throws {
        let store = try Store.open(at: store)
        try store.fold()
        StandardError.note("\(store.path): \(try store.count) items folded")
    }
}
