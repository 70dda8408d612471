import ArgumentParser
import HashDB

struct Compact: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give back the space of a store's free pages.",
        discussion: """
            A copy without them is written beside the store and takes its place in one step: whatever happens, the store is the old \
            or the new one, whole. There must be room for the copy meanwhile. Readers go on; writers wait. `fold` first \
            makes the index smaller. Interrupted, the exit status is 130 and the store is as before.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    func run() throws {
        let report = try copying { try Store.compact(store, progress: $0) }
        if report.hasReplacedRemains { StandardError.warn("\(store): what a killed run had left was removed") }
        StandardError.note(
            "\(store): \(byteCount(UInt64(report.bytes))) of \(byteCount(UInt64(report.sourceBytes))) are left"
        )
    }
}
