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
        // Enough work that the signal comes in the middle of it.
        try space.writeModel("m.safetensors", bits: 1024, side: 64)
        try space.writePictures("photos", count: 300)
        let arguments = [Tool.path, "ingest", "s.hashdb", "photos", "--model", "m.safetensors"]
        let run = try tool.start(arguments)
        while !space.exists("s.hashdb") { usleep(2_000) }
        usleep(300_000)
        run.signal(SIGINT)
        let result = try run.finish()
        #expect(result.status == 130)
        #expect(result.error.contains("interrupted; the next run goes on"))
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        let kept = try tool.run("dump", "s.hashdb").lines.count
        let rest = try tool.start(arguments).finish()
        #expect(rest.status == 0)
        #expect(rest.error.contains("\(300 - kept) added, 0 updated, \(kept) unchanged"))
    }

    @Test func anInterruptedImportKeepsTheCodesReadSoFar() throws {
        let codes = try space.writeCodes("c.npy", count: 40_000, bits: 64)
        let bytes = try space.bytes(of: "c.npy")
        #expect(mkfifo(space.file("pipe"), 0o600) == 0)
        let run = try tool.start([Tool.path, "import", "s.hashdb", "pipe"])
        let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: space.file("pipe")))
        // Codes are taken in by 16,384: the first such batch is in when the signal comes, the second ends the import.
        let header = bytes.count - 8 * 40_000
        try pipe.write(contentsOf: Data(bytes[..<(header + 8 * 20_000)]))
        while !space.exists("s.hashdb") { usleep(2_000) }
        run.signal(SIGINT)
        while !run.error.contains("stopping") { usleep(2_000) }
        try pipe.write(contentsOf: Data(bytes[(header + 8 * 20_000)..<(header + 8 * 32_768)]))
        let result = try run.finish()
        #expect(result.status == 130)
        #expect(
            result.errorLines.last
                == "imported 32768 codes of 40000, the first in the file (ids 0 to 32767) into s.hashdb")
        let kept = try tool.run("dump", "s.hashdb").lines
        #expect(kept.count == 32_768 && kept.last == "32767\t\(codes[32_767].hex)")
    }
}
