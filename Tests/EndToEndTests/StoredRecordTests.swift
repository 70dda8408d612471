import CodeFiles
import Foundation
import HashDB
import Testing

/// What `verify`, `query` and `dump` make of what a store has beside the codes.
@Suite struct StoredRecordTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    @Test func verifyNamesDamagedRecords() throws {
        try space.writeModel("m.safetensors")
        try space.writePictures("photos", count: 4)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors").status == 0)
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        try Store.open(at: space.file("s.hashdb")).write { transaction in
            for id in [1, 3] as [UInt64] { try transaction.setPayload(Array("I\u{2}".utf8), of: id) }
        }
        let text = "s.hashdb: the record of the image of id 3 has 2 bytes instead of 3; delete the item, and ingest"
        let verified = try tool.run("verify", "s.hashdb")
        #expect(verified.status == 1 && verified.output.isEmpty && verified.errorLines.count == 2, "\(verified)")
        #expect(verified.error.contains("hashdb: warning: s.hashdb: the record of the image of id 1 "), "\(verified)")
        #expect(verified.error.contains("hashdb: error: \(text)"), "\(verified)")
        let asJSON = try tool.run("verify", "s.hashdb", "--json")
        #expect(asJSON.status == 1 && asJSON.output.hasPrefix("{\"whole\": false, "), "\(asJSON)")
        #expect(asJSON.output.contains("\"items\": null, \"damage\": \"\(text)"), "\(asJSON)")
        // The way out.
        #expect(try tool.run("delete", "s.hashdb", "1", "3").status == 0)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors").status == 0)
        #expect(try tool.run("verify", "s.hashdb").error == "s.hashdb: 4 items, no damage found\n")
    }

    @Test func payloadsOfProgramsAreLeftAlone() throws {
        try space.writeCodes("c.npy", count: 10, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        try Store.open(at: space.file("s.hashdb")).write { try $0.setPayload(Array("I am mine".utf8), of: 3) }
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        let answer = try tool.run("query", "s.hashdb", "--id", "3", "-k", "1", "--json")
        #expect(answer.status == 0 && answer.output.contains("\"id\": 3, \"distance\": 0"), "\(answer)")
    }

    @Test func namesDoNothingToATerminal() throws {
        try space.writeCodes("c.npy", count: 2, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let name = CodeName(bytes: Array("a\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\n".utf8))
        try Store.open(at: space.file("s.hashdb")).write { try $0.setPayload(name.encoded, of: 1) }
        for command in [["dump", "s.hashdb"], ["query", "s.hashdb", "--id", "1"]] {
            let shown = try tool.start([Tool.path] + command).finish().output
            #expect(shown.contains("a\\x1B]0;x\\x07\\xC2\\x9B31m\\xE2\\x80\\xAE\\n\n"), "\(shown)")
        }
    }
}
