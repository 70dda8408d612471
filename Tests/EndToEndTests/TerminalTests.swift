import Foundation
import Testing

/// What a person sees on a terminal, which the program `script` plays.
@Suite struct TerminalTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeModel("m.safetensors", bits: 1024, side: 64)
        try space.writePictures("photos", count: 150)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func aBarIsShownOnATerminalAloneAndTakenAwayAtTheEnd() throws {
        let command = "\(Tool.path) ingest s.hashdb photos --model m.safetensors"
        let shown = try tool.start(
            ["/usr/bin/script", "-q", "-e", "-c", command, "/dev/null"], environment: ["TERM": "xterm"]
        ).finish()
        #expect(shown.status == 0)
        #expect(shown.output.contains("█") && shown.output.contains("images/s") && shown.output.contains(" left"))
        #expect(shown.output.hasSuffix("images/s\r\n"))
        let piped = try tool.run("ingest", "t.hashdb", "photos", "--model", "m.safetensors")
        #expect(!piped.error.contains("█") && !piped.error.contains("\u{1b}") && !piped.error.contains("\r"))
    }
}
