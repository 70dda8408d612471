import ArgumentParser
import Foundation
import HashDB
import ImageCodes

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a store up to date with the images below some folders, until it is stopped.",
        discussion: """
            It begins with what ingest --sync does, then waits for files to come, change, move and go, and prints a line for \
            each time that the store was changed. On Linux the system tells of changes; elsewhere, with --poll, and where there \
            are more folders than the system watches, everything is looked at once in a while. A folder that is removed or \
            unmounted as a whole takes nothing out of the store. Others may write to the store meanwhile. Of a store with \
            several collections all are kept up to date, or those of the models that are named.

            Ctrl-C ends it with status 130, SIGTERM with 0; what is done is kept.
            """
    )

    @Argument(help: "The store; it is created if need be.", completion: .file())
    var store: String

    @Argument(help: ArgumentHelp("Folders.", valueName: "dir"), completion: .directory)
    var directories: [PathArgument]

    @OptionGroup(title: "Which files")
    var scan: ScanOptions

    @OptionGroup(title: "Which files")
    var largest: LimitOptions

    @OptionGroup
    var models: ModelsOption

    @Option(
        help: ArgumentHelp(
            "Look at everything once in so many seconds instead of waiting to be told: for network folders.",
            valueName: "seconds"))
    var poll: Double?

    @Flag(help: "Print a line of JSON for each update, and each of several collections.")
    var json = false

    func validate() throws {
        if let poll, !(0.1...1e6).contains(poll) {
            throw ValidationError("--poll \(poll): it must be from 0.1 to 1000000 seconds")
        }
    }

    func run() throws {
        let cancellation = IngestCancellation()
        let interrupt = Interrupt { cancellation.cancel() }
        let targets = try models.open(store, for: directories)
        var options = TreeWatch.Options()
        options.ingest.walking = scan.walking
        options.ingest.limits = largest.limits
        if let poll {
            options.isPolling = true
            options.pollingInterval = .seconds(poll)
        }
        let watch = TreeWatch(keeping: targets, options: options)
        let reporter = WatchReporter(stores: targets.map(\.store), folders: directories.map(\.path), json: json)
        try watch.run(directories.map(\.path), cancellation: cancellation) { event in
            // Whoever reads the lines may have gone.
            if !reporter.report(event) { cancellation.cancel() }
        }
        try reporter.finish()
        if interrupt.signalNumber == SIGINT { throw Interrupted() }
    }
}
