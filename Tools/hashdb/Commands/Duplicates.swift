import ArgumentParser
import Foundation
import HashDB
import ImageCodes

struct Duplicates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find duplicates among the images of a store, and write a report to act on.",
        discussion: """
            Tiers, from strict to loose:
              same-bytes   files with the same bytes
              same-pixels  and other files of the same pixels
              near         and copies, going by perceptual hashes (ingest --model pdq); the default of stores with such codes
              look-alike   images of alike things, going by a learned model; only on request

            Of a store with several collections the one is taken whose codes suit the tier.

            Every two images of a group are within the radius; nothing is joined by a chain of others. Images whose codes are \
            of low quality, and files of several pages or frames, are compared by their bytes or pixels alone. Images that \
            somebody has called different (hashdb verdict) are never in one group. The report is text to be edited, or JSON; \
            nothing happens to any file until hashdb apply.
            """
    )

    @Argument(help: "The store.")
    var store: String

    @OptionGroup
    var collection: SuitedCollectionOption

    @Option(help: ArgumentHelp("How alike images must be.", valueName: "tier"))
    var tier: DuplicateTier?

    @Option(
        name: [.long, .customShort("d")],
        help: ArgumentHelp(
            "In at most how many bits two codes differ, near or look-alike (default: 31 of 256 bits, an eighth of others).",
            valueName: "r")
    )
    var radius: Int?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Look only at images below this directory; repeatable.", valueName: "dir"))
    var directories: [PathArgument] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Compare the first directory's images with the second's, which all stay, and neither among themselves. What has more pixels than its like in the archive stays too.",
            valueName: "inbox archive"))
    var between: [PathArgument] = []

    @OptionGroup(title: "What to keep")
    var keeping: KeepOptions<Duplicates>

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp("Write a page for a web browser too, to look, mark and save from.", valueName: "file.html"))
    var html: String?

    @Flag
    var show: PictureChoice?

    @Flag(help: "Exit with status 11 if there are duplicates.")
    var failIfFound = false

    func validate() throws {
        if json, show != nil { throw ValidationError("give --json or --show, not both: pictures are no JSON") }
        if let radius, radius < 0 { throw ValidationError("--radius \(radius): a radius must be at least 0") }
        if ![0, 2].contains(between.count) {
            throw ValidationError("--between takes two directories: the one to clear and the one to keep")
        }
        if !between.isEmpty, keeping.keep != nil || keeping.keepUnder != nil {
            throw ValidationError("--keep and --keep-under: with --between it is the archive that is kept")
        }
    }

    func run() throws {
        let page = try html.map { try OutputFile($0) }
        let pictures = try show.map { try TerminalPictures($0) }
        let tier = try self.tier ?? usualTier()
        try checkRadius(for: tier)
        let opened = try open(for: tier)
        let path = try PathArgument(argument: store).path.resolved()
        let radius = self.radius ?? (opened.bitWidth == 256 ? 31 : opened.bitWidth / 8)
        guard radius <= opened.bitWidth else {
            throw ValidationError("--radius \(radius): the codes have \(opened.bitWidth) bits")
        }
        var search = DuplicateSearch(tier: tier, radius: radius)
        search.directories = try directories.map { try $0.path.resolved() }
        if between.count == 2 {
            let (inbox, archive) = (try between[0].path.resolved(), try between[1].path.resolved())
            if inbox.isWithin(archive) || archive.isWithin(inbox) {
                throw ValidationError("--between \(inbox) \(archive): one lies within the other")
            }
            search.between = (inbox, archive)
        }
        search.keep = try keeping.rule() ?? KeepRule()
        let (report, summary) = try opened.read { snapshot in
            try checkDirectories(of: search, snapshot)
            return try search.run(snapshot, store: path)
        }
        try page.map { try DuplicatesPage(report).write(to: $0.path) }
        if let pictures {
            try pictures.write(report)
        } else {
            try StandardOutput.write(json ? report.json : report.text)
        }
        try StandardOutput.flush()
        tell(report, summary)
        if failIfFound, !report.groups.isEmpty { throw ExitCode(11) }
    }

    /// Says on standard error what was found, and what to know of it.
    private func tell(_ report: DuplicateReport, _ summary: DuplicateSearch.Summary) {
        var note = [(summary.images, "image"), (report.groups.count, "group"), (report.dropCount, "file")]
            .map { counted($0, $1) }.joined(separator: ", ")
        note += " to drop, " + byteCount(report.dropBytes)
        if summary.splits > 0 {
            note += "; \(counted(summary.splits, "group")) split by verdicts"
        }
        if summary.lowQuality > 0 {
            let verb = summary.lowQuality == 1 ? "is" : "are"
            note += "; \(summary.lowQuality) of low quality \(verb) compared by bytes and pixels alone"
        }
        // Of one collection that is asked for, there may be hashes in another.
        if tier == nil, collection.collection == nil, report.tier < .near {
            note += "; for near copies: hashdb ingest \(store) DIR --model pdq, then again"
        }
        StandardError.note(note)
        if summary.vanished > 0 {
            StandardError.warn(
                "\(counted(summary.vanished, "file")) gone or changed since; run hashdb ingest --sync")
        }
        let back = report.returned.count
        if back > 0 {
            StandardError.note(
                "\(counted(back, "file")) \(back == 1 ? "is back that was" : "are back that were") dropped before; the report names them"
            )
        }
    }

    /// A radius that decides nothing is a mistake: who gives one wants what the tier does not find.
    private func checkRadius(for tier: DuplicateTier) throws {
        guard let radius, tier < .near else { return }
        guard self.tier == nil else {
            throw ValidationError(
                "--radius \(radius): --tier \(tier.rawValue) has none; take --tier near or look-alike, or leave it out")
        }
        throw ValidationError(
            "--radius \(radius): the tier is \(tier.rawValue), which has none, as there are no perceptual hashes; "
                + "add them with hashdb ingest \(store) DIR --model pdq, or take --tier look-alike")
    }

    /// Refuses directories of which the store knows no image: else it would look as if they had no duplicates.
    private func checkDirectories(of search: DuplicateSearch, _ snapshot: borrowing Snapshot) throws {
        var unknown = search.directories + (search.between.map { [$0.inbox, $0.archive] } ?? [])
        var isKeepUnderKnown = search.keep.directory == nil
        guard !unknown.isEmpty || !isKeepUnderKnown else { return }
        let roots = try snapshot.imageRoots()
        try snapshot.forEachImage { image, _ in
            for path in roots.paths(of: image.record) {
                unknown.removeAll { path.isWithin($0) }
                let isInScope = search.directories.isEmpty || search.directories.contains { path.isWithin($0) }
                if isInScope, let kept = search.keep.directory, path.isWithin(kept) { isKeepUnderKnown = true }
            }
            return !unknown.isEmpty || !isKeepUnderKnown
        }
        if let directory = unknown.first {
            throw ToolError("\(directory): \(store) knows no images below it; run hashdb ingest before")
        }
        if let directory = search.keep.directory, !isKeepUnderKnown {
            let scope = search.directories.isEmpty ? "knows no images" : "knows no images of --in"
            throw ToolError(
                "--keep-under \(directory): \(store) \(scope) below it; "
                    + "name a directory that has some, or run hashdb ingest before")
        }
    }

    /// The collections that may be searched.
    private func candidates() throws -> [StoredCollection] {
        let name = try collection.collection.map {
            try Store.open(at: store, collection: $0, access: .readOnly).collection
        }
        return try Store.collections(at: store).filter { name == nil || $0.name == name }
    }

    /// The loosest tier that means copies, as far as the codes tell them.
    private func usualTier() throws -> DuplicateTier {
        DuplicateTier.near.collection(among: try candidates()) == nil ? .samePixels : .near
    }

    /// The collection whose codes suit a tier.
    private func open(for tier: DuplicateTier) throws -> Store {
        let candidates = try candidates()
        if let found = tier.collection(among: candidates) {
            return try Store.open(at: store, collection: found.name, access: .readOnly)
        }
        guard tier != .near else {
            let names = candidates.map { $0.model?.name ?? "an unknown model" }.joined(separator: " and ")
            throw ValidationError(
                "--tier near: \(store) holds codes of \(names), whose near codes need not be copies; "
                    + "take --tier look-alike, or add perceptual hashes with hashdb ingest --model pdq")
        }
        return try collection.open(store)
    }
}

extension Duplicates: KeepsImages {
    static let usualKeepRule = "most-pixels"
}

extension TerminalPictures {
    /// Writes a report with the pictures of each group below its lines.
    fileprivate func write(_ report: DuplicateReport) throws {
        let (head, texts) = report.textInPieces
        try StandardOutput.write(head)
        for (group, lines) in zip(report.groups, texts) {
            let pictures: [(path: ImagePath?, caption: String)] = group.images.map {
                (path: $0.path, caption: "\($0.mark.rawValue), \($0.distance)")
            }
            try StandardOutput.write(lines + text(pictures))
        }
    }
}

extension DuplicateTier: ExpressibleByArgument {}
