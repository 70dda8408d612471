import Foundation
import Testing

/// Who starts the tool may have closed its standard input, output and error, whose numbers the next files to be opened would get.
@Suite struct ClosedStreamsTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeCodes("c.npy", count: 100, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
    }

    @Test(arguments: [">&- 2>&-", "<&- >&- 2>&-", "<&- 2>&-", "2>&-"])
    func nothingIsWrittenIntoTheStore(closing: String) throws {
        for command in ["query s.hashdb --id 3", "duplicates s.hashdb", "fold s.hashdb", "delete s.hashdb 5 777"] {
            let line = "exec \"$0\" \(command) \(closing)"
            #expect(try tool.start(["/bin/sh", "-c", line, Tool.path]).finish().status == 0)
            let verified = try tool.run("verify", "s.hashdb")
            #expect(verified.status == 0, "\(command) \(closing): \(verified.error)")
        }
        #expect(try tool.run("dump", "s.hashdb").lines.count == 99)
    }

    @Test func whoeverSharesThemMayHaveMadeThemNeverWait() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        try space.writeCodes("many.npy", count: 20_000, bits: 64)
        let whole = try tool.shell("hashdb import m.hashdb many.npy && hashdb dump m.hashdb").output.utf8.count
        #expect(whole > 1 << 17)
        let run = try tool.start(["/bin/bash", "-c", "exec \"$0\" dump m.hashdb >&\(ends[1])", Tool.path])
        // What the pipe holds is there, and no more for now.
        usleep(200_000)
        #expect(!run.hasEnded)
        var (count, bytes) = (0, [UInt8](repeating: 0, count: 1 << 16))
        while count < whole {
            let got = read(ends[0], &bytes, bytes.count)
            try #require(got > 0)
            count += got
        }
        let result = try run.finish()
        #expect(result.status == 0 && count == whole, "\(result)")
    }

    private func reportDuplicates() throws {
        try space.writePicture("photos/a.ppm", seed: 1)
        try space.write(try space.bytes(of: "photos/a.ppm"), to: "photos/b.ppm")
        #expect(try tool.run("ingest", "p.hashdb", "photos", "--model", "dhash").status == 0)
        #expect(try tool.shell("mkdir away && hashdb duplicates p.hashdb >report").status == 0)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func workGoesOnWhereItsReportCannotBeWritten() throws {
        try reportDuplicates()
        let applied = try tool.shell("hashdb apply report --yes --move-to away >/dev/full")
        #expect(applied.status == 1 && applied.error.contains("hashdb undo "), "\(applied)")
        #expect(applied.errorLines.last?.hasPrefix("hashdb: error: standard output: ") == true, "\(applied)")
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0 && undone.error.contains("1 restored"), "\(undone)")
    }

    @Test func nothingIsWrittenIntoTheLogOfWhatWasDone() throws {
        try reportDuplicates()
        let line = "exec \"$0\" apply report --yes --move-to away <&- >&- 2>&-"
        #expect(try tool.start(["/bin/sh", "-c", line, Tool.path]).finish().status == 0)
        #expect(!space.exists("photos/b.ppm") || !space.exists("photos/a.ppm"))
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0 && undone.error.contains("1 restored"), "\(undone)")
        #expect(space.exists("photos/a.ppm") && space.exists("photos/b.ppm"))
    }
}
