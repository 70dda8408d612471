import Foundation
import HashDB
import Testing

/// Larger than a test run should be; they run where HASHDB_LONG_TESTS is 1.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["HASHDB_LONG_TESTS"] == "1"))
struct LongTests {
    @Test func aMillionCodesAreImportedAndAnsweredExactly() throws {
        let space = try Workspace()
        let codes = try space.writeCodes("c.npy", count: 1_000_000, bits: 64)
        let queries = try space.writeCodes("q.npy", count: 50, bits: 64, seed: 5)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        for plan in ["auto", "probe", "scan"] {
            let result = try space.tool.run("query", "s.hashdb", "--codes", "q.npy", "--json", "--plan", plan)
            #expect(result.lines.count == queries.count)
            for (row, line) in result.lines.enumerated() {
                let matches = try QueryLine(line).matches
                // The tenth distance bounds the rest, which spares sorting a million for each query.
                let limit = try #require(matches.last?.distance)
                let near = codes.enumerated().lazy.map { id, code in
                    Match(id: UInt64(id), distance: code.hammingDistance(to: queries[row]))
                }.filter { $0.distance <= limit }.sorted()
                #expect(matches == Array(near.prefix(10)))
            }
        }
        #expect(try space.tool.run("verify", "s.hashdb").status == 0)
    }
}
