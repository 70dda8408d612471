import ArgumentParser
import Foundation

/// The whole benchmark.
struct Table: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Measure and print the table.",
        discussion: "Sets: \(Recipe.all.map(\.name).joined(separator: " ")).")

    @Option(help: ArgumentHelp("Only these sets, by name or by the start of one.", valueName: "set,…"))
    var only: String?

    @Flag(help: "Fewer queries.")
    var quick = false

    @Flag(help: "Also the sets of 100 million codes.")
    var large = false

    @Option(
        help: ArgumentHelp(
            "Where temporary files go: a gigabyte or two, on the disk to be measured.", valueName: "directory"))
    var dir: String?

    @Option(help: ArgumentHelp("Images in class folders, for the sets of image codes.", valueName: "directory"))
    var cifar: String?

    @Option(help: ArgumentHelp("A folder with proto.c, proto256.c and scan.c to run beside.", valueName: "directory"))
    var prototype: String?

    @Option(
        help: ArgumentHelp("A Python with numpy and faiss to run beside; needs --faiss-peer.", valueName: "program"))
    var python: String?

    @Option(help: ArgumentHelp("The script that asks faiss.", valueName: "file"))
    var faissPeer: String?

    @Option(help: ArgumentHelp("Write all figures there, too.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the targets there, too, as a table in Markdown.", valueName: "file"))
    var markdown: String?

    func run() async throws {
        let recipes = try chosen()
        try await withTemporaryDirectory(in: dir) { directory in
            var peers: [any Peer] = []
            if let prototype { peers.append(try Prototype(sources: prototype, directory: directory)) }
            if let python, let faissPeer { peers.append(Faiss(python: python, script: faissPeer)) }
            let start = ContinuousClock.now
            let run = Run(options: RunOptions(directory: directory, isQuick: quick), images: cifar, peers: peers) {
                line in
                let seconds = Int((ContinuousClock.now - start) / .seconds(1))
                FileHandle.standardError.write(Data("[\(seconds) s] \(line)\n".utf8))
            }
            let results = try await run.run(recipes)
            print(Report(results: results).text, terminator: "")
            if let markdown {
                try Data(TargetsReport(results.judged).markdown.utf8).write(to: URL(fileURLWithPath: markdown))
            }
            if let json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try encoder.encode(results).write(to: URL(fileURLWithPath: json))
            }
        }
    }

    private func chosen() throws -> [Recipe] {
        guard let only else { return Recipe.all.filter { large || !$0.isLarge } }
        let names = only.split(separator: ",").map(String.init)
        for name in names where !Recipe.all.contains(where: { $0.name.hasPrefix(name) }) {
            throw ValidationError("--only \(name): no such set")
        }
        // The beginning of a name must not bring in a set that takes minutes.
        return Recipe.all.filter { recipe in
            names.contains { recipe.name == $0 || recipe.name.hasPrefix($0) && (large || !recipe.isLarge) }
        }
    }
}
