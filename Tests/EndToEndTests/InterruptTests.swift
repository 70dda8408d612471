import Foundation
import Testing

/// Ctrl-C: what is done is committed, the exit status is 130, and the next run goes on.
@Suite struct InterruptTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    @Test func anInterruptedIngestKeepsWhatIsDoneAndGoesOn() throws {
        // Enough work that the signal comes in the middle of it, and more images than go into one commit.
        let all = 2000
        try space.writeModel("m.safetensors", bits: 1024, side: 32)
        for index in 0..<all {
            try space.writePicture("photos/\(index).ppm", seed: UInt64(index), width: 12, height: 10)
        }
        for attempt in 1...10 {
            let store = "s\(attempt).hashdb"
            func kept() throws -> Int { try tool.run("dump", store).lines.count }
            let arguments = [Tool.path, "ingest", store, "photos", "--model", "m.safetensors"]
            let run = try tool.start(arguments)
            try run.wait(until: { space.exists(store) && (try? kept()).map { $0 > 0 } == true })
            run.signal(SIGINT)
            let result = try run.finish()
            let done = try kept()
            // On a fast machine it may have come to its end just before.
            if done == all, attempt < 10 { continue }
            #expect(result.status == 130)
            #expect(result.error.contains("interrupted; the next run goes on"))
            #expect(try tool.run("verify", store).status == 0)
            #expect(done > 0 && done < all)
            let rest = try tool.start(arguments).finish()
            #expect(rest.status == 0)
            #expect(rest.error.contains("\(all - done) added, 0 changed, \(done) unchanged"))
            break
        }
    }

    @Test func anInterruptedImportKeepsTheCodesReadSoFar() throws {
        let codes = try space.writeCodes("c.npy", count: 40_000, bits: 64)
        let bytes = try space.bytes(of: "c.npy")
        #expect(mkfifo(space.file("pipe"), 0o600) == 0)
        let run = try tool.start([Tool.path, "import", "s.hashdb", "pipe"])
        // The tool may close the pipe before all is written to it.
        signal(SIGPIPE, SIG_IGN)
        let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: space.file("pipe")))
        // Codes are taken in by 16,384: the second such batch cannot be complete before the signal has come.
        let start = bytes.count - 8 * 40_000
        try pipe.write(contentsOf: Data(bytes[..<(start + 8 * 20_000)]))
        try run.wait(until: { space.exists("s.hashdb") })
        run.signal(SIGINT)
        try run.wait(until: { run.error.contains("stopping") })
        // `timeout` sends its signal twice, to the program and to its group.
        run.signal(SIGINT)
        try? pipe.write(contentsOf: Data(bytes[(start + 8 * 20_000)...]))
        try? pipe.close()
        let result = try run.finish()
        let kept = try tool.run("dump", "s.hashdb").lines
        #expect(result.status == 130)
        #expect([16_384, 32_768].contains(kept.count))
        #expect(
            result.errorLines.last?.hasPrefix("imported \(kept.count) codes of 40000, the first in the file") == true)
        #expect(kept == (0..<kept.count).map { "\($0)\t\(codes[$0].hex)" })
    }
}
