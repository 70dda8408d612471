// Runs a piece of code of the documentation in the current folder: guide NAME
//
// Every block of Swift in the README, in the articles and in the comments of the libraries is here word for word, and the tests run it.
@main
struct Guide {
    static let examples: [(name: String, run: @Sendable () async throws -> Void)] = [
        ("first-store", firstStore), ("nearest", nearest), ("overview", overview), ("newcomers", newcomers),
        ("readers", readers), ("collections", collections), ("explanation", explanation),
        ("codes", codes), ("bits", bits), ("integers", integers),
        ("transactions", transactions), ("tasks", tasks), ("changes", changes),
        ("following", following), ("touched", touched), ("pairs", pairs), ("backup", backup), ("photos", photos),
        ("table", table), ("import", importAndExport),
        ("hashes", hashes),
        ("variants", variants), ("rows", rows), ("images", images), ("encode", encode), ("training", training),
        ("evaluation", evaluation),
    ]

    static func main() async throws {
        let name = CommandLine.arguments.dropFirst().first
        guard let example = examples.first(where: { $0.name == name }) else {
            for example in examples { print(example.name) }
            return
        }
        try await example.run()
    }
}
