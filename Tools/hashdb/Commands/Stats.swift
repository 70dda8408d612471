import ArgumentParser
import HashDB

struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a store holds and how its index is filled."
    )

    @Argument(help: "The store.")
    var store: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let statistics = try Store.open(at: store, access: .readOnly).read { try $0.statistics(occupancy: true) }
        let report = StatisticsReport(statistics)
        try StandardOutput.writeLine(json ? report.json.description : report.text)
    }
}
