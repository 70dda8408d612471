import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write all codes of a store to a file, in the order of ids.",
        discussion: """
            The name's ending tells the format, or --format; - is standard output, hex by default. Codes go in the order \
            of bits and with the padding that the store has recorded, unless --bit-order or --padding say otherwise.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Argument(help: ArgumentHelp("Where the codes go; - is standard output.", valueName: "file"), completion: .file())
    var codes: String

    @Option(help: ArgumentHelp("Where the ids go, a .npy file of uint64.", valueName: "file.npy"), completion: .file())
    var ids: String?

    @OptionGroup
    var collection: CollectionOption

    @OptionGroup
    var file: CodeFileArguments

    @Option(
        help: ArgumentHelp(
            "What text says of an item, in this order: id, code and name; default: as is usual in the format.",
            valueName: "id,code,name"))
    var columns: ColumnList?

    func validate() throws {
        try OutputFile.checkAreDifferent(["codes": codes, "ids": ids])
    }

    func run() throws {
        let store = try collection.open(store)
        for path in [codes, ids].compactMap({ $0 }) { try OutputFile.check(path, isNot: store.path) }
        let interrupt = Interrupt("stopping, no file is made (Ctrl-C again: stop at once)")
        let progress = ProgressReport(unit: "codes")
        defer { progress.clear() }
        let (written, bits) = try store.read { snapshot in
            let total = snapshot.count
            let roots = try snapshot.imageRoots()
            let written = try snapshot.exportCodes(
                to: codes, ids: ids, options: file.options, columns: columns?.columns,
                name: { StoredRecord($0.payload, roots).text }
            ) { done in
                progress.update(done: done, total: total)
                if interrupt.isRequested { throw Interrupted() }
            }
            return (written, try snapshot.codeLayout.bitCount)
        }
        progress.clear()
        let place = codes == "-" ? "standard output" : codes
        StandardError.note("exported \(written) codes of \(bits) bits to \(place)")
    }
}
