import ArgumentParser
import Foundation
import HashDB

struct Receive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a store to the position of another, from what `ship` wrote to standard input.",
        discussion: """
            All of it comes in as one commit, and only if it is whole: readers see the store as before or as after. A store that is not there \
            is made from a shipment of everything. A store that was changed by itself does not follow any more; with --replace, a shipment of \
            everything takes the place of what it has.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collection: CollectionOption

    @Flag(help: "Print the store's position and read nothing.")
    var position = false

    @Flag(help: "Take a shipment of everything in the place of what the store has.")
    var replace = false

    func run() throws {
        guard !position else { return try printPosition() }
        let usual = (try? collection.open(store))?.collection ?? Store.defaultCollection
        let reception = try Store.receive(
            at: store, collection: collection.collection ?? usual, replacing: replace, from: StandardInput.next)
        try StandardOutput.writeLine(reception.position)
        StandardError.note(
            reception.wasThere
                ? "\(store): was there already"
                : "\(store): \(reception.changed) items put or changed, \(reception.deleted) deleted")
    }

    private func printPosition() throws {
        guard let position = try collection.open(store).read({ try $0.position }) else {
            throw ToolError("\(store): its changes are not recorded, so it has no position; see hashdb record --help")
        }
        try StandardOutput.writeLine(position)
    }
}
