import ArgumentParser
import CodeFiles
import HashDB

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the codes of a .npy file into a store, which is created if need be.",
        discussion: """
            FILE holds uint8 of shape (codes, bytes of a code) in C order; bit i of a code is bit i mod 8 of byte i div 8. \
            Items of the same ids are replaced. If interrupted, the codes read so far are kept.
            """
    )

    @Argument(help: "The store.")
    var store: String

    @Argument(help: ArgumentHelp("The codes, a .npy file.", valueName: "file"))
    var codes: String

    @Option(
        help: ArgumentHelp(
            "The ids, a .npy file of uint64; default: row numbers, going on from the largest id of the store.",
            valueName: "file.npy"
        )
    )
    var ids: String?

    @Option(help: ArgumentHelp("The bits of a code that the file and the store must have.", valueName: "q"))
    var bits: Int?

    func validate() throws {
        if let bits, !BinaryCode.widths.contains(bits) || bits % 8 != 0 {
            throw ValidationError("--bits \(bits): a code has 8 to 1024 bits, in steps of 8")
        }
    }

    func run() throws {
        let file = try CodeImport(codes: codes, ids: ids)
        if let bits, bits != file.bitWidth {
            throw ToolError("\(codes): holds codes of \(file.bitWidth) bits, not of \(bits)")
        }
        let interrupt = Interrupt()
        let progress = ProgressReport(unit: "codes")
        let summary = try file.run(into: Store.openOrCreate(at: store, bitWidth: file.bitWidth)) { done in
            progress.update(done: done, total: file.count)
            return !interrupt.isRequested
        }
        progress.clear()
        let ids = summary.firstID.flatMap { first in summary.lastID.map { " (ids \(first) to \($0))" } } ?? ""
        let whole = summary.isComplete ? "" : " of \(file.count), the first in the file"
        StandardError.note("imported \(summary.count) codes\(whole)\(ids) into \(store)")
        if !summary.isComplete { throw Interrupted() }
    }
}

extension Store {
    /// The store at `path`, created if there is none.
    static func openOrCreate(at path: String, bitWidth: Int) throws -> Store {
        do {
            return try open(at: path)
        } catch HashDBError.storeNotFound {
            return try create(at: path, bitWidth: bitWidth)
        }
    }
}
