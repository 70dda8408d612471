import ArgumentParser
import HashDB

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete items, in one transaction.",
        discussion: "Ids that are not in the store are named; with --strict they are a failure, and nothing is deleted."
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Argument(help: ArgumentHelp("The ids of the items.", valueName: "id"))
    var ids: [UInt64]

    @OptionGroup
    var collection: CollectionOption

    @Flag(help: "Fail, and delete nothing, if an id is not in the store.")
    var strict = false

    func run() throws {
        let deleted = try collection.open(store, access: .readWrite).write { transaction in
            var deleted = 0
            for id in ids {
                if try transaction.delete(id) {
                    deleted += 1
                } else if strict {
                    throw ToolError("there is no item of id \(id); nothing was deleted")
                } else {
                    StandardError.warn("there is no item of id \(id)")
                }
            }
            return deleted
        }
        StandardError.note("deleted \(deleted) of \(ids.count) items")
    }
}
