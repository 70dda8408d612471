import Foundation
import HashDB
import Testing

/// Limits of the system are errors of one line, and what was there stays.
@Suite struct LimitTests {
    let space: Workspace

    init() throws {
        space = try Workspace()
    }

    @Test func aLimitOnTheSizeOfFilesIsTold() throws {
        try space.writeCodes("few.npy", count: 1000, bits: 64)
        try space.writeCodes("many.npy", count: 200_000, bits: 64)
        #expect(try space.tool.run("import", "s.hashdb", "few.npy").status == 0)
        // In blocks of 512 bytes.
        let result = try space.tool.shell("ulimit -f 1000; hashdb import s.hashdb many.npy")
        #expect(result.status == 1, "\(result)")
        let isTold = result.errorLines.contains { $0.contains("s.hashdb: ") && $0.contains("File too large") }
        #expect(isTold, "\(result)")
        #expect(try Store.damagedPages(at: space.file("s.hashdb")) == [])
        #expect(try Store.open(at: space.file("s.hashdb")).count == 1000)
        #expect(try space.tool.run("import", "s.hashdb", "many.npy").status == 0)
        #expect(try Store.open(at: space.file("s.hashdb")).count == 201_000)
    }

    @Test func imagesThatAreLargerThanAllowedAreNamedAndLeftOut() throws {
        try space.writeModel("m.safetensors", bits: 64)
        try space.writePictures("photos", count: 3)
        func ingest(_ store: String, _ limit: String...) throws -> Tool.Result {
            try space.tool.start([Tool.path, "ingest", store, "photos", "--model", "m.safetensors"] + limit).finish()
        }
        for (number, limit) in [["--max-pixels", "3"], ["--max-file-bytes", "20"]].enumerated() {
            let result = try ingest("s\(number).hashdb", limit[0], limit[1])
            #expect(result.status == 0 && result.error.contains("0 added"), "\(result)")
            #expect(result.errorLines.count { $0.contains("photos/") } == 3, "\(result)")
            let wrong = try ingest("s\(number).hashdb", limit[0] + "=0")
            #expect(wrong.status == 64 && wrong.error.contains("\(limit[0]) 0: it must be at least 1"), "\(wrong)")
        }
        #expect(try ingest("s0.hashdb", "--max-pixels", "1000000").error.contains("3 added"))
    }
}
