import ArgumentParser
import CodeFiles
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
        let report = try Store.open(at: store, access: .readOnly).read { snapshot in
            StatisticsReport(try snapshot.statistics(occupancy: true), layout: try snapshot.codeLayout)
        }
        try StandardOutput.writeLine(json ? report.json.description : report.text)
    }
}
