import ArgumentParser
import HashDB

struct Fold: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge everything into one segment, for the fastest queries and the smallest store."
    )

    @Argument(help: "The store.")
    var store: String

    func run() throws {
        try Store.open(at: store).fold()
    }
}
