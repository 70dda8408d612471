import Foundation
import TestSupport
import Testing

/// Whatever stands on the command line, there is an answer or one clear line: the tool never ends by a signal, and never hangs.
@Suite struct ArgumentTests {
    /// What may stand where a value is asked for: what is right, what is nearly right, and what is far from it.
    private static let values =
        words(
            """
            0 1 3 -1 64 9223372036854775807 9223372036854775808 -9223372036854775808 18446744073709551615
            18446744073709551616 1e9 0x10 nan inf é \u{1F426} 00ff00ff00ff00ff f zz s.hashdb new/x c.npy c.hex i.npy
            p.ppm . .. /dev/zero /dev/null no - -- * [ [a \\ a/**/b near exact pdq dhash probe npy msb left code,id
            1,2,3 1,, 0,0
            """)
        + ["", " ", "a\nb", String(repeating: "9", count: 300), String(repeating: "x/", count: 3000)]
    private static let options = words(
        """
        -k --radius --id --hex --codes --only-ids --exclude-ids --plan --bits --format --bit-order --padding --notation
        --json --explain --model --collection --include --exclude --tier --keep --threads --strict --ground-truth
        --expect --ids --columns --limit --from --occupancy --all --variants --dry-run --null --batch --time --buckets
        --name --html
        """)
    /// Commands that end by themselves, and their usual arguments.
    private static let commands = [
        ["query", "s.hashdb"], ["query", "s.hashdb", "--id", "1"], ["query", "s.hashdb", "--hex", "00ff00ff00ff00ff"],
        ["query", "s.hashdb", "--codes", "c.npy"], ["import", "s.hashdb", "c.npy"], ["import", "n.hashdb", "c.hex"],
        ["export", "s.hashdb", "o.npy"], ["export", "s.hashdb", "-"], ["pairs", "s.hashdb"], ["stats", "s.hashdb"],
        ["collections", "s.hashdb"], ["dump", "s.hashdb"], ["delete", "s.hashdb", "3"], ["fold", "s.hashdb"],
        ["verify", "s.hashdb"], ["rebuild", "s.hashdb", "r.hashdb"], ["duplicates", "s.hashdb"], ["formats"],
        ["ingest", "i.hashdb", "photos", "--model", "dhash"], ["apply", "report.txt"], ["undo", "log"],
        ["verdict", "s.hashdb"], ["evaluate", "photos"], ["help"], [],
    ]

    private static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func anyArgumentsAreTakenOrRefused(seed: UInt64) throws {
        let space = try Workspace()
        try space.writeCodes("c.npy", count: 300, bits: 64)
        try space.writeIDs("i.npy", [1, 2, 3])
        try space.write(Array("00ff00ff00ff00ff\nffff00ff00ff00ff\n".utf8), to: "c.hex")
        try space.writePicture("photos/a.ppm", seed: 1)
        try space.writePicture("p.ppm", seed: 2)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            var arguments = Self.commands.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let extra = [Self.options, Self.values].randomElement(using: &generator) ?? []
                arguments.append(extra.randomElement(using: &generator) ?? "")
                if extra == Self.options { arguments.append(Self.values.randomElement(using: &generator) ?? "") }
            }
            // None takes more than 8 GB of addresses, or more than a minute.
            let limits = ["/bin/sh", "-c", "ulimit -v 8000000; exec timeout 60 \"$@\"", "limited"]
            let result = try space.tool.start(limits + [Tool.path] + arguments).finish()
            let shown = Comment(rawValue: "seed \(seed): \(arguments) gave \(result.status): \(result.error)")
            #expect([0, 1, 64].contains(result.status), shown)
            if result.status != 0 {
                #expect(result.errorLines.count { $0.hasPrefix("hashdb: error: ") } <= 1, shown)
                #expect(!result.error.isEmpty, shown)
            }
        }
        #expect(try space.tool.run("verify", "s.hashdb").status == 0, "seed \(seed)")
    }
}
