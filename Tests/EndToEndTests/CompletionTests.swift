import Foundation
import Testing

/// What the Tab key offers, by the scripts that are installed for bash, zsh and fish.
@Suite struct CompletionTests {
    private let space: Workspace
    private var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    private func script(_ shell: String) throws -> String {
        let result = try tool.run("--generate-completion-script", shell)
        #expect(result.status == 0)
        return result.output
    }

    /// Commands whose first argument is a store.
    private static let commands = [
        "ingest", "watch", "query", "import", "export", "pairs", "stats", "collections", "dump", "delete", "fold",
        "compact", "backup", "verify", "rebuild", "record", "ship", "receive", "serve",
    ]

    @Test func everyShellOffersFilesForStores() throws {
        let (bash, zsh, fish) = (try script("bash"), try script("zsh"), try script("fish"))
        for command in Self.commands {
            func body(_ script: String) -> Substring {
                let start = script.range(of: "_hashdb_\(command)() {")?.upperBound ?? script.endIndex
                return script[start..<(script.range(of: "\n}", range: start..<script.endIndex)?.lowerBound ?? start)]
            }
            let first = body(zsh).split(separator: "\n").first { $0.contains("'*:") || $0.contains("':") }
            #expect(first?.contains(":_files") == true, "\(command): \(first ?? "nothing")")
            let cases = body(bash).components(separatedBy: "case \"${positional_number}\" in").dropFirst().last ?? ""
            #expect(cases.contains("_add_completions -f"), "\(command): \(cases)")
            let line = fish.split(separator: "\n").first {
                $0.contains("_for_positional \"hashdb \(command)\" -eq 1") || $0.contains("\"hashdb \(command)\" -ge 1")
            }
            #expect(line?.hasSuffix("-F") == true, "\(command): \(line ?? "nothing")")
        }
    }

    /// What bash offers for the last word of a line.
    private func offers(_ line: String) throws -> [String] {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let command = """
            . ./script
            COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " ")))
            COMP_CWORD=\(words.count - 1); COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}
            _hashdb hashdb '\(words[words.count - 1])' '\(words[words.count - 2])'
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try tool.start(["/bin/bash", "-c", command]).finish().lines.sorted()
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash")))
    func bashFindsFilesAndFolders() throws {
        try space.write(Array(try script("bash").utf8), to: "script")
        try space.write([1], to: "zfirst.hashdb")
        try space.write([1], to: "zfolder/a.jpg")
        let both = ["zfirst.hashdb", "zfolder"]
        for line in [
            "ingest zf", "ingest s.hashdb zf", "ingest s.hashdb zfolder zf", "query zf", "query s.hashdb zf",
            "query s.hashdb --codes zf", "query s.hashdb --html zf", "query s.hashdb --only-ids zf",
            "import s.hashdb zf", "import s.hashdb c.npy --ids zf", "export s.hashdb zf", "ingest s --files-from zf",
            "query s.hashdb --ground-truth zf", "query s.hashdb --expect zf", "backup s.hashdb zf",
            "train --out zf", "evaluate zf", "evaluate m --curve zf", "serve zf", "serve --token-file zf",
            "ingest s.hashdb --model zf",
        ] {
            #expect(try offers("hashdb " + line) == both, "\(line)")
        }
        for line in [
            "frames a --into zf", "watch s.hashdb zf", "train --data zf", "ingest s.hashdb --moved-from zf",
            "duplicates s.hashdb --keep-under zf",
        ] {
            #expect(try offers("hashdb " + line) == ["zfolder"], "\(line)")
        }
    }
}
