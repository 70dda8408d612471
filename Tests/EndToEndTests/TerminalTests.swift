import Foundation
import Testing

/// What a person sees on a terminal, which the program `script` plays.
@Suite struct TerminalTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeModel("m.safetensors", bits: 1024, side: 64)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func aBarIsShownOnATerminalAloneAndTakenAwayAtTheEnd() throws {
        var shown = ""
        // What ends within a second shows nothing: as many images as it takes here.
        for (round, count) in [150, 1_500, 6_000].enumerated() where !shown.contains("█") {
            try space.writePictures("photos\(round)", count: count, seed: UInt64(round))
            let command = "\(Tool.path) ingest s\(round).hashdb photos\(round) --model m.safetensors"
            let run = try tool.start(
                ["/usr/bin/script", "-q", "-e", "-c", command, "/dev/null"], environment: ["TERM": "xterm"]
            ).finish()
            #expect(run.status == 0)
            shown = run.output
        }
        #expect(shown.contains("█") && shown.contains(" left"))
        #expect(shown.contains(" images, ") && shown.hasSuffix("images/s\r\n"))
        let piped = try tool.run("ingest", "t.hashdb", "photos0", "--model", "m.safetensors")
        #expect(!piped.error.contains("█") && !piped.error.contains("\u{1b}") && !piped.error.contains("\r"))
    }
}
