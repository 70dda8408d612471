import ArgumentParser
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
            """
    )

    @Argument(help: "The store.")
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

    @Flag(help: "Make the store mirror the folders: take out of it what is there no more.")
    var sync = false

    @Option(
        help: ArgumentHelp(
            "Where the folder was when its images were put in, if the tool does not see that it was moved.",
            valueName: "dir"))
    var movedFrom: PathArgument?

    @Flag(help: "Fail, after all the rest is done, if a file could not be read.")
    var strict = false

    func validate() throws {
        if directories.isEmpty, list.filesFrom == nil { throw ValidationError("name at least one folder of images") }
    }

    func run() throws {
        // Before a store is made for what it may not name.
        let listed = try list.paths()
        let cancellation = IngestCancellation()
        let interrupt = Interrupt { cancellation.cancel() }
        let targets = try models.open(store, for: directories)
        let paths = directories.map(\.path) + listed
        var options = ImageCodes.Ingest.Options()
        options.removesVanished = sync
        options.walking = scan.walking
        options.limits = largest.limits
        options.movedFrom = movedFrom?.path
        let reporter = IngestReporter()
        let ingest = ImageCodes.Ingest(into: targets, options: options)
        let summaries = try ingest.runEach(paths, cancellation: cancellation, observe: reporter.report)
        for (target, summary) in zip(targets, summaries) {
            reporter.finish(summary, store: target.store, isSync: sync)
        }
        if interrupt.isRequested { throw Interrupted() }
        let failed = summaries.map(\.failed).max() ?? 0
        if strict, failed > 0 { throw ToolError("\(failed) files could not be read") }
    }
}
