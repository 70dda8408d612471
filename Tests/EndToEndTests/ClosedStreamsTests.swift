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

    @Test func nothingIsWrittenIntoTheLogOfWhatWasDone() throws {
        try space.writePicture("photos/a.ppm", seed: 1)
        try space.write(try space.bytes(of: "photos/a.ppm"), to: "photos/b.ppm")
        #expect(try tool.run("ingest", "p.hashdb", "photos", "--model", "dhash").status == 0)
        #expect(try tool.shell("mkdir away && hashdb duplicates p.hashdb >report").status == 0)
        let line = "exec \"$0\" apply report --yes --move-to away <&- >&- 2>&-"
        #expect(try tool.start(["/bin/sh", "-c", line, Tool.path]).finish().status == 0)
        #expect(!space.exists("photos/b.ppm") || !space.exists("photos/a.ppm"))
        let undone = try tool.run("undo", "report.undo")
        #expect(undone.status == 0 && undone.error.contains("1 restored"), "\(undone)")
        #expect(space.exists("photos/a.ppm") && space.exists("photos/b.ppm"))
    }
}
