import ArgumentParser
import CodeFiles
import HashDB

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the codes of a file into a store, which is created if need be, as is the collection.",
        discussion: """
            FILE may be a NumPy array or archive, a u8bin or bvecs file, a flat binary index of faiss, or text: a code a line, \
            CODE,TEXT, hash=CODE,TEXT, TEXT<TAB>CODE, CSV, JSON Lines, or 0s and 1s; - is standard input. What pgvector's COPY \
            writes, ID<TAB>0101…, is --format bits whatever the file is called. Texts are kept beside the codes. Items of the same \
            ids are replaced. An empty store keeps the order of bits and the padding of its first file. If interrupted, the codes \
            read so far are kept.

            Codes of different models are never mixed: a collection of images, whose codes a model has made, takes none from a \
            file. Name another one with --collection.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Argument(help: ArgumentHelp("The codes; - is standard input.", valueName: "file"), completion: .file())
    var codes: String

    @Option(
        help: ArgumentHelp(
            "The ids, a .npy file of uint64; default: those of FILE, or row numbers, going on from the largest id of the store.",
            valueName: "file.npy"
        ),
        completion: .file()
    )
    var ids: String?

    @OptionGroup
    var collection: CollectionOption

    @OptionGroup
    var file: CodeFileArguments

    @Option(
        help: ArgumentHelp(
            "The column of the codes, by name or by number from 1; in JSON the member, in .npz the array.",
            valueName: "column"))
    var codeColumn: String?

    @Option(help: ArgumentHelp("The column of the texts that are kept beside the codes.", valueName: "column"))
    var nameColumn: String?

    @Option(help: ArgumentHelp("The column of the ids; in .npz the array.", valueName: "column"))
    var idColumn: String?

    func run() throws {
        var options = file.options
        options.codeColumn = codeColumn
        options.nameColumn = nameColumn
        options.idColumn = idColumn
        let file = try CodeImport(codes: codes, ids: ids, options: options)
        let interrupt = Interrupt()
        let progress = ProgressReport(unit: "codes")
        let (target, isNew) = try collection.openOrCreate(store, bitWidth: file.bitWidth)
        let summary: CodeImport.Summary
        do {
            summary = try file.run(into: target) { done in
                progress.update(done: done, total: file.count)
                return !interrupt.isRequested
            }
        } catch {
            progress.clear()
            if isNew { try? CodeImport.removeUnfilled(target) }
            throw error
        }
        progress.clear()
        let ids = summary.smallestID.flatMap { first in summary.largestID.map { " (ids \(first) to \($0))" } } ?? ""
        let whole = summary.isComplete ? "" : (file.count.map { " of \($0)" } ?? "") + ", the first in the file"
        let texts = summary.nameCount == 0 ? "" : " with \(summary.nameCount) texts"
        StandardError.note("imported \(summary.count) codes\(whole)\(texts)\(ids) into \(store)")
        if !summary.isComplete { throw Interrupted() }
    }
}

extension CollectionOption {
    /// The collection, made if there is none, and whether it was.
    fileprivate func openOrCreate(_ path: String, bitWidth: Int) throws -> (store: Store, isNew: Bool) {
        func create() throws -> (Store, Bool) {
            let name = collection ?? Store.defaultCollection
            return (try Store.create(at: path, collection: name, bitWidth: bitWidth), true)
        }
        return try Store.openedOrMade {
            do {
                let store = try open(path, access: .readWrite)
                try checkHasNoModel(store)
                return (store, false)
            } catch HashDBError.storeNotFound {
                return try create()
            } catch HashDBError.unknownCollection where collection != nil {
                return try create()
            }
        }
    }

    /// Refuses a collection of images: foreign codes would be among the model's, and texts would replace the records of files.
    private func checkHasNoModel(_ store: Store) throws {
        guard let model = store.model else { return }
        throw ToolError(
            "\(store.path): collection \(store.collection) has the codes of \(model.name), and those of a file are not mixed "
                + "with them; name another collection with --collection")
    }
}
