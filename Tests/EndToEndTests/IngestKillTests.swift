import Foundation
import TestSupport
import Testing

/// SIGKILL in the middle of an ingest for two models: neither collection is damaged, and the next run makes up for what was lost.
@Suite struct IngestKillTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    /// Paths and codes, whatever the ids.
    private func items(_ store: String, _ collection: String) throws -> [Substring] {
        try tool.run("dump", store, "--collection", collection).lines.map { $0.drop { $0 != "\t" } }.sorted()
    }

    @Test func aKilledIngestOfTwoModelsIsMendedByTheNext() throws {
        // Enough work that the kills come in the middle of it.
        try space.writeModel("m.safetensors", bits: 1024, side: 64)
        try space.writePictures("photos", count: 300)
        func ingest(_ store: String) throws -> RunningProgram {
            try tool.start([
                Tool.path, "ingest", store, "photos", "--sync", "--model", "m.safetensors", "--model", "pdq",
            ])
        }
        #expect(try ingest("whole.hashdb").finish().status == 0)
        var generator = SplitMix64(seed: 7)
        var (kills, isComplete) = (0, false)
        for _ in 0..<30 where kills < 6 {
            if isComplete {
                for name in ["s.hashdb", "s.hashdb-lock"] {
                    try? FileManager.default.removeItem(atPath: space.file(name))
                }
            }
            let run = try ingest("s.hashdb")
            try run.wait(until: { space.exists("s.hashdb") })
            usleep(UInt32.random(in: 10_000..<120_000, using: &generator))
            run.signal(SIGKILL)
            // On a fast machine it may have come to its end just before.
            let status = try run.finish().status
            isComplete = status == 0
            if status == 128 + SIGKILL { kills += 1 }
        }
        #expect(kills > 0)
        let verified = try tool.run("verify", "s.hashdb")
        #expect(verified.status == 0, "\(verified.error)")
        let rest = try ingest("s.hashdb").finish()
        #expect(rest.status == 0, "\(rest.error)")
        for collection in ["default", "pdq"] {
            let found = try items("s.hashdb", collection)
            #expect(try found.count == 300 && found == items("whole.hashdb", collection), "\(collection)")
        }
    }
}
