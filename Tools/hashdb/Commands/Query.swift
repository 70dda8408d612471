import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the items nearest to images, codes or items.",
        discussion: """
            The answers are exact and ordered by distance, then by id. An image that cannot be read is named, the others are \
            answered, and the exit status is 1. Files of the same content are one item: its first path is shown, and after a tab \
            the number of the others, as in (+1 more).

            With --json each query is one line:
              {"query": …, "neighbors": [{"id": 7, "distance": 3, "path": "…"}, …]}
            "paths" in a neighbour that has several, "name" in one that has a text instead, "variant" in each with --variants, and \
            "explanation" beside them with --explain; the query is the path of an image, the row number for --codes, the code for --hex, the id for --id.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup(title: "What to look for")
    var subjects: QuerySubjects

    @OptionGroup(title: "How far to look")
    var search: SearchOptions

    @OptionGroup(title: "Output")
    var output: QueryOutputOptions

    func validate() throws {
        let codes = subjects.codes.flatMap { $0 == "-" ? nil : $0 }
        try OutputFile.checkAreDifferent([
            "--codes": codes, "--html": output.html, "--ground-truth": output.truth.groundTruth,
            "--expect": output.truth.expect,
        ])
    }

    func run() throws {
        let page = try output.html.map { try OutputFile($0) }
        let store = try subjects.open(store)
        let source = try subjects.source(for: store)
        let printer = QueryPrinter(json: output.json)
        let pictures = try output.show.map { try TerminalPictures($0) }
        let truth = try output.truth.open(store, neighbours: search.neighbours)
        var records = RecordPrinter()
        var timing = QueryTiming()
        let filter = try search.filter()
        var gallery = ShownQueries()
        var failure: ImageDecodingError?
        /// Without an image that cannot be read, the others are answered all the same.
        func passOver(_ error: ImageDecodingError) throws {
            if output.truth.isAsked { throw error }
            if let failure { StandardError.warn(failure) }
            failure = error
            // The next one has the number that is its place among all.
            if output.records { try records.write([]) }
        }
        try store.read { snapshot in
            let roots = try snapshot.imageRoots()
            func write(
                _ query: Subject, _ matches: [Match], _ explanation: QueryExplanation?, _ snapshot: borrowing Snapshot,
                found variants: VariantAnswer? = nil
            ) throws {
                if try truth.take(matches) { return }
                if output.records { return try records.write(matches) }
                var neighbours = try matches.map { DescribedMatch($0, try snapshot.payload(of: $0.id), roots) }
                for index in neighbours.indices {
                    neighbours[index].variant = variants?.variant(of: neighbours[index].match)
                }
                try printer.write(query, neighbours, explanation)
                try pictures?.write(query, neighbours)
                if page != nil { gallery.add(query, neighbours) }
            }
            if subjects.areMany, !search.isFiltered, !output.timing, !output.explain {
                try QueryBatches(store: store, search: search).forEachAnswer(to: source, snapshot) {
                    try write($0, $1, nil, $2)
                }
                return
            }
            while let query = try source.next(snapshot, passingOver: passOver) {
                var explanation = output.explain ? QueryExplanation() : nil
                if !query.variants.isEmpty {
                    let answer = try timing.measure {
                        try VariantAnswer(to: query, search, in: snapshot, among: filter, explaining: &explanation)
                    }
                    try write(query, answer.matches, explanation, snapshot, found: answer)
                    continue
                }
                let matches = try timing.measure {
                    try search.run(query.code, in: snapshot, among: filter, explaining: &explanation)
                }
                try write(query, matches, explanation, snapshot)
            }
        }
        try StandardOutput.flush()
        try truth.finish()
        if let page, failure == nil || !gallery.queries.isEmpty {
            try GalleryPage(title: store.title, bitWidth: store.bitWidth).write(gallery.queries, to: page.path)
            if gallery.cut > 0 {
                StandardError.warn(
                    "\(page.path): cuts short or leaves out \(grouped(gallery.cut)) of \(grouped(gallery.count)) answers, "
                        + "which are too long for a page")
            }
        }
        if output.timing { StandardError.note(timing.summary) }
        if let failure { throw failure }
    }
}

/// What a page shows: no more pictures than a browser can.
private struct ShownQueries {
    private(set) var queries: [GalleryQuery] = []
    /// How many answers there are, and how many of them are not there in full.
    private(set) var count = 0
    private(set) var cut = 0
    private var room = 10_000

    mutating func add(_ query: Subject, _ neighbours: [DescribedMatch]) {
        let shown = neighbours.prefix(room)
        count += 1
        if room == 0 || shown.count < neighbours.count { cut += 1 }
        guard room > 0 else { return }
        queries.append(GalleryQuery(query, Array(shown)))
        room = max(0, room - shown.count - 1)
    }
}

extension GalleryQuery {
    /// What a page shows of a query and its answer.
    fileprivate init(_ query: Subject, _ neighbours: [DescribedMatch]) {
        self.init(
            label: query.name,
            image: query.image,
            neighbours: neighbours.map { .init(id: $0.match.id, distance: $0.match.distance, path: $0.record.path) }
        )
    }
}

struct QueryOutputOptions: ParsableArguments {
    @Flag(help: "Print a JSON object for each query, a line each.")
    var json = false

    @Flag(
        help: """
            Print records for programs: u32 number of the query, u32 distance, u64 id, little-endian, in the order of \
            queries and of each one's answer.
            """)
    var records = false

    @Flag(help: "Print what was planned and done for each query, after its answer.")
    var explain = false

    @Flag(help: "Print the times of the searches alone as the last line on standard error, in JSON.")
    var timing = false

    @Option(help: ArgumentHelp("Write a page of thumbnails for a web browser.", valueName: "file"), completion: .file())
    var html: String?

    @Flag
    var show: PictureChoice?

    @OptionGroup
    var truth: GroundTruthOptions

    func validate() throws {
        if records, json || show != nil || explain {
            throw ValidationError("give --records alone: --json, --show and --explain are for readers of text")
        }
        if json, show != nil { throw ValidationError("give --json or --show, not both: pictures are no JSON") }
    }
}

extension TerminalPictures {
    /// Shows a query's image and those found; nothing where no image is among them.
    fileprivate func write(_ query: Subject, _ neighbours: [DescribedMatch]) throws {
        var pictures: [(path: ImagePath?, caption: String)] = neighbours.map {
            (path: $0.record.path, caption: "\($0.match.distance), id \($0.match.id)")
        }
        if let image = query.image { pictures.insert((path: image, caption: "query"), at: 0) }
        if pictures.contains(where: { $0.path != nil }) { try StandardOutput.write(try text(pictures)) }
    }
}
