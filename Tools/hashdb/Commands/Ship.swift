import ArgumentParser
import HashDB

struct Ship: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Write what has changed in a store to standard output, for `receive` to bring another store up to date.",
        discussion: """
            The store must record its changes (`hashdb record`). Items that were touched since the position are written as they are now, with \
            their payloads, and attributes likewise:

              position=$(ssh host hashdb receive b.hashdb --position)
              hashdb ship a.hashdb --after "$position" | ssh host hashdb receive b.hashdb

            Without --after everything is written; for more than some 100,000 items `backup` is the faster way to begin.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collection: CollectionOption

    @Option(help: "The position of the store that is to be brought up to date; default: it has nothing.")
    var after: PositionArgument?

    func run() throws {
        let store = try collection.open(store)
        let items = try store.read { snapshot in
            try snapshot.ship(after: after?.position) { try StandardOutput.write(bytes: $0) }
        }
        StandardError.note("\(items) items shipped")
    }
}

/// A position on the command line.
struct PositionArgument: ExpressibleByArgument {
    let position: StorePosition

    init?(argument: String) {
        guard let position = StorePosition(argument) else { return nil }
        self.position = position
    }

    var defaultValueDescription: String { position.description }
}
