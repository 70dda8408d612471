import ArgumentParser
import CodeFiles
import HashDB

struct Collections: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the collections of a store, or remove one.",
        discussion: """
            A line for each: its name, how many codes of how many bits, and the model that they were made by. With --json one \
            object: {"collections": [{"collection": "default", "items": 400, "bits": 64, "model": {…}}, …]}

            --remove takes a collection out of the store, with its codes and its records; images and the other collections stay \
            as they are. Without --yes it only tells what it would do. The file does not become smaller, but what is put in next \
            takes the room.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Option(help: ArgumentHelp("The collection to be removed.", valueName: "name"))
    var remove: String?

    @Flag(help: "Remove it.")
    var yes = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if yes, remove == nil { throw ValidationError("--yes goes with --remove NAME") }
        if json, remove != nil { throw ValidationError("give --json or --remove, not both") }
        try CollectionOption.check(remove, as: "--remove")
    }

    func run() throws {
        let all = try Store.collections(at: store)
        guard let remove else {
            let list: JSONValue = ["collections": .array(all.map(\.json))]
            let lines = all.map { "\($0.name)  \($0.content)" }.joined(separator: "\n")
            return try StandardOutput.writeLine(json ? list.description : lines)
        }
        guard let collection = all.first(where: { $0.name == remove }) else {
            throw HashDBError.unknownCollection(path: store, name: remove, existing: all.map(\.name))
        }
        guard all.count > 1 else { throw HashDBError.onlyCollection(path: store, name: remove) }
        if yes {
            try Store.removeCollection(remove, at: store)
            StandardError.note("removed \(remove): \(collection.content)")
        } else {
            StandardError.note("would remove \(remove): \(collection.content); nothing was done, --yes does it")
        }
    }
}

extension StoredCollection {
    /// What it holds, for people.
    fileprivate var content: String {
        let codes = "\(grouped(count)) \(count == 1 ? "code" : "codes") of \(bitWidth) bits"
        return codes + (model.map { ", \($0.name) (fingerprint \($0.fingerprint))" } ?? "")
    }

    fileprivate var json: JSONValue {
        [
            "collection": .string(name), "items": .integer(count), "bits": .integer(bitWidth),
            "model": model.map { ["name": .string($0.name), "fingerprint": .string($0.fingerprint)] } ?? .null,
        ]
    }
}
