import ArgumentParser
import HashDB

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a store as of one commit, while others read and write it.",
        discussion: """
            The copy has all collections, and is a store like any other. It is written beside its place, with .hashdb-part behind its \
            name, and gets the name when it is whole and on the device: a backup that fails or is interrupted (exit status 130) \
            leaves nothing. What one that was killed has left, the next to the same place removes.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Argument(help: "Where to put the copy; there must be no file yet.", completion: .file())
    var copy: String

    func run() throws {
        let report = try copying { try Store.backup(store, to: copy, progress: $0) }
        if report.hasReplacedRemains { StandardError.warn("\(copy): what a killed backup had left was removed") }
        StandardError.note(
            "\(copy): \(byteCount(UInt64(report.bytes))) of the store's \(byteCount(UInt64(report.sourceBytes)))")
    }
}
