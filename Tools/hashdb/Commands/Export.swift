import ArgumentParser
import CodeFiles
import HashDB

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write all codes of a store to a .npy file, in the order of ids."
    )

    @Argument(help: "The store.")
    var store: String

    @Argument(help: ArgumentHelp("Where the codes go, a .npy file.", valueName: "file"))
    var codes: String

    @Option(help: ArgumentHelp("Where the ids go, a .npy file of uint64.", valueName: "file.npy"))
    var ids: String?

    func run() throws {
        let store = try Store.open(at: store, access: .readOnly)
        let interrupt = Interrupt()
        let progress = ProgressReport(unit: "codes")
        let written = try store.read { snapshot in
            let total = snapshot.count
            return try snapshot.exportCodes(to: codes, ids: ids) { done in
                progress.update(done: done, total: total)
                return !interrupt.isRequested
            }
        }
        progress.clear()
        guard let written else {
            StandardError.note("interrupted; no file was written")
            throw Interrupted()
        }
        StandardError.note("exported \(written) codes of \(store.bitWidth) bits to \(codes)")
    }
}
