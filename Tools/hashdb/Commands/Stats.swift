import ArgumentParser
import CodeFiles
import HashDB

struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a store holds and how its index is filled.",
        discussion: """
            Of several collections each, one after the other. With --json one object: that of the collection, or of several \
            {"collections": […]} with the objects of all.

            --html writes a page with drawings and tables: what the file is filled with, how full the buckets of each \
            substring are, how far apart the codes are beside random ones, and how often each bit is set. Distances and bits \
            are those of up to 20,000 codes and 200,000 pairs, drawn at random, the same in every run.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collections: CollectionsOption

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("Write a page for a web browser too.", valueName: "file.html"), completion: .file())
    var html: String?

    func run() throws {
        let file = try html.map { try OutputFile($0) }
        let opened = try collections.open(store)
        if file != nil, opened.count > 1 {
            let names = opened.map(\.collection).joined(separator: ", ")
            throw ToolError("--html: a page shows one collection; name one of \(names) with --collection")
        }
        var reports: [StatisticsReport] = []
        for store in opened {
            let (report, page) = try store.read { snapshot -> (StatisticsReport, StatisticsPage?) in
                let (statistics, sizes) = (try snapshot.statistics(occupancy: true), try snapshot.sizes())
                let layout = try snapshot.codeLayout
                let report = StatisticsReport(statistics, layout: layout, sizes: sizes)
                guard file != nil else { return (report, nil) }
                let page = StatisticsPage(
                    title: store.title, statistics: statistics, sizes: sizes, facts: report.facts + report.state,
                    sample: snapshot.count == 0 ? nil : try CodeSample(snapshot, bitCount: layout.bitCount))
                return (report, page)
            }
            if let file, let page { try file.write(page.html) }
            reports.append(report)
        }
        if json {
            try StandardOutput.writeLine(JSONValue.ofCollections(reports.map(\.json)))
        } else {
            try StandardOutput.writeLine(reports.map(\.text).joined(separator: "\n\n"))
        }
    }
}
