import Foundation
import Testing

/// What `--help` says on 80 columns.
@Suite struct HelpTests {
    private let space: Workspace

    init() throws {
        space = try Workspace()
    }

    private func help(_ command: String) throws -> [String] {
        let result = try space.tool.run(command, "--help", environment: ["COLUMNS": "80"])
        #expect(result.status == 0)
        return result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The same as one line, wherever it was broken.
    private func text(_ command: String) throws -> String {
        try help(command).joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: [
        "train", "evaluate", "serve", "ship", "query", "verify", "ingest", "import", "apply", "undo", "verdict",
    ])
    func listsKeepTheirIndent(command: String) throws {
        let overview = Array(try help(command).prefix { !$0.hasPrefix("USAGE") })
        for (before, line) in zip(overview, overview.dropFirst()) where before.hasPrefix("  ") {
            let isBroken = line.first.map { $0.isLowercase || $0 == "-" } ?? false
            #expect(!isBroken, "\(before)\n\(line)")
        }
        // The longest line that the parser leaves as it is.
        #expect(overview.allSatisfy { $0.count <= 80 })
    }

    @Test func requestsToTheServiceAreAList() throws {
        let requests = try help("serve").filter { $0.contains("POST /") || $0.contains("GET  /") }
        #expect(requests.count == 8 && requests.allSatisfy { $0.hasPrefix("  ") })
    }

    @Test func defaultsAndUnitsAreNamed() throws {
        let train = try text("train")
        for words in [
            "default: 110 for two-stage, 110 for triplet, 20 for views, 60 for cnnh", "default: 100, with --network 64",
            "0.12 for two-stage", "default: 500; with --labels in all, default: all",
            "default: 100; with --labels in all, default: 500", "default: never",
        ] {
            #expect(train.contains(words), "\(words)")
        }
        let query = try text("query")
        for words in [
            "--radius <bits> All items that differ in at most so many bits", "msb of text and lsb of bytes",
            "left of hexadecimal and right of all else",
        ] {
            #expect(query.contains(words), "\(words)")
        }
        #expect(try text("import").contains("ID<TAB>0101…, is --format bits"))
    }
}
