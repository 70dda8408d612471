import Foundation
import Testing

/// `query --show` and `duplicates --show`: on no terminal, on one that does not answer, and on those that show pictures.
@Suite struct ShowTests {
    private let space: Workspace
    private var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writePictures("in", count: 5)
        try space.writeModel("m.safetensors")
        #expect(try tool.run("ingest", "s.hashdb", "in", "--model", "m.safetensors").status == 0)
    }

    private let query = ["query", "s.hashdb", "in/001.ppm", "-k", "2", "--model", "m.safetensors"]

    @Test func withoutATerminalItSaysSo() throws {
        let result = try tool.start([Tool.path] + query + ["--show"]).finish()
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.error.contains("--show: standard output is no terminal") && result.error.contains("--html"))
        #expect(try tool.start([Tool.path] + query + ["--show", "--json"]).finish().status == 64)
        #expect(try tool.start([Tool.path] + query + ["--show-kitty", "--show-sixel"]).finish().status == 64)
    }

    @Test func picturesAreShownWhereAskedForWhateverTheTerminal() throws {
        let kitty = try tool.start([Tool.path] + query + ["--show-kitty"]).finish()
        // The query and two neighbours: 20 columns each.
        #expect(kitty.status == 0 && kitty.output.contains("\u{1b}_Ga=T,f=100,q=2,c=60,r=10,"))
        #expect(kitty.lines.first == "in/001.ppm" && kitty.output.contains("distance  id  path"))
        #expect(kitty.lines.last?.split(separator: " ").prefix(4) == ["query", "0,", "id", "1"])
        let sixel = try tool.start([Tool.path] + query + ["--show-sixel"]).finish()
        #expect(sixel.output.contains("\u{1b}P0;1;0q\"1;1;600;200#"))
    }

    @Test func picturesOfDuplicatesAreShownBelowTheirGroups() throws {
        try space.writePicture("in/large.ppm", seed: 71, width: 240, height: 200)
        try space.writePicture("in/small.ppm", seed: 71, width: 180, height: 150)
        try space.write(try space.bytes(of: "in/002.ppm"), to: "in/again.ppm")
        #expect(try tool.run("ingest", "p.hashdb", "in", "--model", "pdq").status == 0)
        let plain = try tool.run("duplicates", "p.hashdb")
        let shown = try tool.run("duplicates", "p.hashdb", "--show-sixel")
        #expect(plain.status == 0 && plain.output.contains("group 2") && shown.status == 0)
        // The lines of the report are all there, and below those of each group two pictures and what is said of them.
        let pieces = shown.output.components(separatedBy: "\u{1b}P0;1;0q\"1;1;400;200#")
        #expect(pieces.count == 3)
        let groups = plain.output.components(separatedBy: "\n\n")
        #expect(pieces[0] == groups[0] + "\n\n" + groups[1] + "\n" && pieces[1].hasSuffix("\n\n" + groups[2]))
        #expect(shown.lines.last?.split(separator: " ").map(String.init).prefix(2) == ["keep,", "0"])
        #expect(shown.lines.last?.contains(" drop, ") == true)
        let refused = try tool.run("duplicates", "p.hashdb", "--show")
        #expect(refused.status == 1 && refused.output.isEmpty && refused.error.contains("no terminal"))
        #expect(try tool.run("duplicates", "p.hashdb", "--show-kitty", "--json").status == 64)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func theTerminalIsAsked() throws {
        let sixel = try onTerminal(answering: "\u{1b}[?62;4;22c", [:])
        #expect(sixel.status == 0 && sixel.output.contains("\u{1b}[c"))
        #expect(sixel.output.contains("\u{1b}P0;1;0q\"1;1;600;200#"))
        let none = try onTerminal(answering: "\u{1b}[?62;22c", [:])
        #expect(none.status == 1 && none.output.contains("does not say that it shows pictures"))
        let silent = try onTerminal(answering: "", [:])
        #expect(silent.status == 1 && silent.output.contains("(TERM=xterm)"))
        for settings in [
            ["TERM": "xterm-kitty"], ["TERM_PROGRAM": "WezTerm"], ["TERM_PROGRAM": "ghostty"], ["KITTY_WINDOW_ID": "1"],
        ] {
            let kitty = try onTerminal(answering: "", settings)
            #expect(kitty.status == 0 && kitty.output.contains("\u{1b}_Ga=T") && !kitty.output.contains("\u{1b}[c"))
        }
        // tmux has the variables of the terminal that it runs in, and passes no pictures on.
        let multiplexed = try onTerminal(
            answering: "", ["TERM": "screen", "KITTY_WINDOW_ID": "1", "TMUX": "/tmp/tmux,1,0"])
        #expect(multiplexed.status == 1)
    }

    /// Runs the query on a terminal that the program `script` plays, and which says `answer`.
    private func onTerminal(answering answer: String, _ settings: [String: String]) throws -> Tool.Result {
        // A pipe that is open for writing too has no end, which would be an answer of its own.
        let script = """
            rm -f keys; mkfifo keys; exec 3<>keys; printf '%s' '\(answer)' >&3
            exec /usr/bin/script -q -e -c "'\(Tool.path)' \((query + ["--show"]).joined(separator: " "))" /dev/null <&3
            """
        let plain = ["TERM": "xterm", "TERM_PROGRAM": "", "TMUX": "", "STY": ""]
        return try tool.start(["/bin/sh", "-c", script], environment: plain.merging(settings) { $1 }).finish()
    }
}
