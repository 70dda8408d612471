import ArgumentParser
import HashDB

struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "From now on record what each commit touches, so that other stores can follow this one.",
        discussion: """
            Prints the position of the store: the number of its last commit, and a mark that tells it from that commit of any other store. \
            `ship --after` takes it. A copy by `backup` is at the position of the store.

            A record takes some bytes for each id that the commit touches. The store keeps 64 MiB of them, and leaves out the oldest.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collection: CollectionOption

    @Flag(help: "End recording, and remove what was recorded.")
    var stop = false

    func run() throws {
        let store = try collection.open(store, access: .readWrite)
        guard !stop else { return try store.stopRecordingChanges() }
        try store.recordChanges()
        if let position = try store.read({ try $0.position }) { try StandardOutput.writeLine(position) }
    }
}
