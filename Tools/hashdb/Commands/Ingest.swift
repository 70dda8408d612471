import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Ingest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a store up to date with the images below some folders; it is created if need be.",
        discussion: """
            Files that are as they were are skipped, changed ones get their new codes. An image is known by its content: files \
            that were moved, renamed or copied keep their codes, and a folder may lie elsewhere than it did, or on a disk that is \
            mounted elsewhere. Files that cannot be read are named, counted and left out. If interrupted, what is done is kept, \
            and the next run goes on from there.

            A store has a collection for each model whose codes it holds: the first model's is the default one, another's is \
            named after it. Each file is read once for all of them.

            With --json one object: that of the collection, or of several {"collections": […]} with the objects of all. Each has \
            the numbers of the line that is printed otherwise; "passed_over", a number for each reason that was met, as in \
            {"hidden": 1, "not_an_image": 2}; "low_quality", images whose codes say little; "interrupted", true or false; and \
            "seconds".
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @Argument(help: ArgumentHelp("Folders, or single files.", valueName: "dir"))
    var directories: [PathArgument] = []

    @OptionGroup(title: "Which files")
    var scan: ScanOptions

    @OptionGroup(title: "Which files")
    var list: PathList

    @OptionGroup(title: "Which files")
    var largest: LimitOptions

    @OptionGroup
    var models: ModelsOption

    @Flag(
        help: """
            Take out of the store what is not on the disk any more. Files that are there stay in it, even if they are passed \
            over now, as by a later --exclude.
            """)
    var sync = false

    @Option(
        help: ArgumentHelp(
            "Where the folder was when its images were put in, if the tool does not see that it was moved.",
            valueName: "dir"),
        completion: .directory)
    var movedFrom: PathArgument?

    @Flag(help: "Fail, after all the rest is done, if a file or folder could not be read.")
    var strict = false

    @Flag(help: "Print one JSON object of what was done, instead of the line at the end.")
    var json = false

    func validate() throws {
        if directories.isEmpty, list.filesFrom == nil { throw ValidationError("name at least one folder of images") }
    }

    func run() throws {
        // Before a store is made for what it may not name.
        let listed = try list.paths()
        let cancellation = IngestCancellation()
        let interrupt = Interrupt { cancellation.cancel() }
        let targets = try models.open(store, for: directories)
        let paths = directories.map(\.path) + listed.found
        var options = ImageCodes.Ingest.Options()
        options.removesVanished = sync
        options.walking = scan.walking
        options.limits = largest.limits
        options.movedFrom = movedFrom?.path
        let reporter = IngestReporter()
        let ingest = ImageCodes.Ingest(into: targets, options: options)
        let summaries = try ingest.runEach(paths, cancellation: cancellation, observe: reporter.report)
        if json {
            reporter.clear()
            let objects = zip(targets, summaries).map { target, summary in
                JSONValue.object([.init("collection", .string(target.store.collection))] + summary.members)
            }
            try StandardOutput.writeLine(JSONValue.ofCollections(objects))
        } else {
            for (target, summary) in zip(targets, summaries) {
                reporter.finish(summary, store: target.store, isSync: sync)
            }
        }
        if interrupt.isRequested { throw Interrupted() }
        // All collections come across the same files.
        let unread = summaries.map { $0.failed + ($0.skipped[.unreadable] ?? 0) }.max() ?? 0
        if strict, unread + listed.missing > 0 {
            throw ToolError("\(unread + listed.missing) of the files and folders could not be read")
        }
    }
}
