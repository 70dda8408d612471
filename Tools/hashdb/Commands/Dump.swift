import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the items of a store, a line each, in the order of ids.",
        discussion: "As text: id, code in hexadecimal and path (if there is one), separated by tabs. With --json: an object a line."
    )

    @Argument(help: "The store.")
    var store: String

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    @Flag(help: "Print the buckets of the index instead of the items.")
    var buckets = false

    func run() throws {
        try Store.open(at: store, access: .readOnly).read { snapshot in
            try snapshot.forEachItem { item in
                let record = StoredRecord(item.payload)
                try StandardOutput.writeLine(json ? record.json(of: item).description : record.text(of: item))
                return true
            }
        }
    }
}
