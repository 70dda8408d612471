import ArgumentParser
import CodeFiles
import HashDB

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the items nearest to images, codes or items.",
        discussion: """
            The answers are exact and ordered by distance, then by id. With --json each query is one line:
            {"query": …, "neighbors": [{"id": 7, "distance": 3, "path": "…"}, …]}
            where the query is the path of an image, the row number for --codes, the code for --hex, the id for --id.
            """
    )

    @Argument(help: "The store.")
    var store: String

    @OptionGroup(title: "What to look for")
    var subjects: QuerySubjects

    @OptionGroup(title: "How far to look")
    var search: SearchOptions

    @OptionGroup(title: "Output")
    var output: QueryOutputOptions

    func validate() throws {
        if output.html != nil, subjects.codes != nil || !subjects.hex.isEmpty {
            throw ValidationError("--html shows images; it goes with images or --id")
        }
    }

    func run() throws {
        let store = try Store.open(at: store, access: .readOnly)
        let source = try subjects.source(for: store)
        let printer = QueryPrinter(json: output.json)
        var timing = QueryTiming()
        try store.read { snapshot in
            while let query = try source.next(snapshot) {
                let matches = try timing.measure { try search.run(query.code, in: snapshot) }
                try printer.write(query, matches.map { Neighbor($0, try snapshot.payload(of: $0.id)) })
            }
        }
        try StandardOutput.flush()
        if output.timing { StandardError.note(timing.summary) }
    }
}

struct QueryOutputOptions: ParsableArguments {
    @Flag(help: "Print a JSON object for each query, a line each.")
    var json = false

    @Flag(help: "Print the times of the searches alone as the last line on standard error, in JSON.")
    var timing = false

    @Option(help: ArgumentHelp("Write a page of thumbnails.", valueName: "file"))
    var html: String?
}
