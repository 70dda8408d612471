import Foundation
import TestSupport
import Testing

/// Every block of Swift in the documentation is part of the program `guide`, and `guide` does what the documentation says.
@Suite struct GuideTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The lines of the files below a folder that have one of the endings, without the spaces around them.
    private static func files(below folder: String, _ endings: [String]) throws -> [(name: String, lines: [String])] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
        return try names.sorted().filter { name in endings.contains { name.hasSuffix($0) } }.map { name in
            try (folder + "/" + name, lines(of: folder + "/" + name))
        }
    }

    private static func lines(of name: String) throws -> [String] {
        try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The blocks between ```` ```swift ```` and ```` ``` ````, in an article or in comments.
    private static func blocks(in lines: [String]) -> [[String]] {
        var blocks: [[String]] = []
        var isInside = false
        for line in lines {
            let text =
                line.hasPrefix("///") ? line.dropFirst(3).trimmingCharacters(in: .whitespaces) : line
            if text == "```swift" {
                isInside = true
                blocks.append([])
            } else if text.hasPrefix("```") {
                isInside = false
            } else if isInside {
                blocks[blocks.count - 1].append(text)
            }
        }
        return blocks
    }

    @Test func everyBlockOfTheDocumentationIsPartOfTheGuide() throws {
        let programs = try Self.files(below: "Tools/examples", [".swift"]).map { $0.lines.filter { !$0.isEmpty } }
        let documents =
            try Self.files(below: "Sources", [".md", ".swift"]) + [("README.md", Self.lines(of: "README.md"))]
        var count = 0
        for document in documents {
            for block in Self.blocks(in: document.lines) {
                count += 1
                let imports = block.filter { $0.hasPrefix("import ") }
                let code = block.filter { !$0.hasPrefix("import ") && !$0.isEmpty }
                try #require(!code.isEmpty)
                let isThere = programs.contains { program in
                    imports.allSatisfy(program.contains)
                        && program.indices.contains { program[$0...].starts(with: code) }
                }
                #expect(isThere, "\(document.name): no example has \(code.joined(separator: "\n"))")
            }
        }
        #expect(count >= 16)
    }

    private func guide(_ name: String, in space: Workspace) throws -> Tool.Result {
        let program = URL(fileURLWithPath: Tool.path).deletingLastPathComponent().appendingPathComponent("guide").path
        let result = try space.tool.start([program, name]).finish()
        #expect(result.status == 0 && result.error.isEmpty, "\(name): \(result)")
        return result
    }

    @Test(arguments: [
        ("first-store", "id 2 at distance 1|id 1 at distance 2"), ("nearest", "[HashDB.Match(id: 7, distance: 1)]"),
        ("overview", "1 1|2 3"), ("newcomers", "0|0|1"), ("readers", "true true"),
        ("explanation", "1 0 1|[HashDB.Match(id: 0, distance: 0)]"),
        ("collections", #"default 48 0|pdq 256 0|["default"] 48 pdq"#), ("codes", "1"),
        ("bits", "[1, 0, 1, 0]|faff"), ("integers", "0123456789abcdef|true"), ("transactions", "1 2|1"),
        ("tasks", "0 [HashDB.Match(id: 0, distance: 0)]"),
        ("following", "1 1 0"), ("touched", "[ClosedRange(7...7)] []"), ("backup", "true"), ("rows", "true"),
        ("photos", "[9, -8] a.jpg"), ("table", "[7, -8] a.jpg"), ("variants", "256 8"),
    ])
    func whatAnExamplePrints(name: String, expected: String) throws {
        #expect(try guide(name, in: Workspace()).lines.joined(separator: "|") == expected)
    }

    @Test func changesAreTold() throws {
        // Commits that follow each other quickly are told of as one, and the snapshot may be of a later one than was told.
        let commits = try guide("changes", in: Workspace()).lines
        #expect(!commits.isEmpty && Set(commits).isSubset(of: (0...3).map { "commit \($0)" }))
        #expect(commits == commits.sorted() && Set(commits).count == commits.count)
    }

    @Test func pairsAreFound() throws {
        #expect(Set(try guide("pairs", in: Workspace()).lines) == ["1 3 1", "2 3 3"])
    }

    @Test func hashesHaveTheirWidths() throws {
        let lines = try guide("hashes", in: Workspace()).lines
        #expect(lines.map(\.count) == [lines[0].count, 64, 16, 16] && (0...100).contains(Int(lines[0]) ?? -1))
    }

    @Test func codesComeAndGo() throws {
        let space = try Workspace()
        try space.write(Array("id,hash\n1,00ff\n2,0f0f\n".utf8), to: "hashes.csv")
        #expect(try guide("import", in: space).lines.count == 1)
        #expect(try space.tool.run("import", "again.hashdb", "hashes.npz").status == 0)
        #expect(try space.tool.run("dump", "again.hashdb").output == space.tool.run("dump", "hashes.hashdb").output)
    }

    /// Pictures of noise, the even ones dark and the odd ones bright.
    private func writePictures(_ folder: String, classes: Int, count: Int, in space: Workspace) throws {
        for place in 0..<classes * count {
            var generator = SplitMix64(seed: UInt64(place))
            let range: ClosedRange<UInt8> = place % classes % 2 == 0 ? 0...99 : 156...255
            let pixels = (0..<3 * 32 * 32).map { _ in UInt8.random(in: range, using: &generator) }
            try space.write(
                Array("P6\n32 32\n255\n".utf8) + pixels, to: "\(folder)/class\(place % classes)/\(place).ppm")
        }
    }

    private func useWeights(_ name: String, in space: Workspace) throws {
        try FileManager.default.createSymbolicLink(
            at: URL(fileURLWithPath: space.file(name)),
            withDestinationURL: Self.root.appendingPathComponent("Tools/weights/" + name))
    }

    @Test func imagesAreFound() throws {
        let space = try Workspace()
        try useWeights("photo-64.safetensors", in: space)
        try writePictures("photos", classes: 2, count: 6, in: space)
        try space.write(space.bytes(of: "photos/class0/4.ppm"), to: "query.jpg")
        let lines = try guide("images", in: space).lines
        #expect(lines.first == "12 images added, 0 were there already" && lines.count == 11)
        #expect(lines.contains { $0.hasPrefix("0 ") && $0.contains("photos/class0/4.ppm") })
        #expect(try guide("encode", in: space).output == "80\n")
    }

    @Test func aModelIsTrained() throws {
        let space = try Workspace()
        try writePictures("things", classes: 2, count: 8, in: space)
        let lines = try guide("training", in: space).lines
        #expect(lines.last == "\(16 * 4)" && lines.count == 21)
        let losses = lines.dropLast().compactMap { $0.split(separator: " ").last.flatMap { Float($0) } }
        #expect(try #require(losses.last) < #require(losses.first))
        #expect(space.exists("things.safetensors"))
    }

    @Test func aModelIsMeasured() throws {
        let space = try Workspace()
        try useWeights("cnnh-48.safetensors", in: space)
        try writePictures("cifar/train", classes: 2, count: 10, in: space)
        try writePictures("cifar/test", classes: 2, count: 4, in: space)
        let precision = Double(try guide("evaluation", in: space).lines.last ?? "")
        #expect(try (0.5...1).contains(#require(precision)))
    }
}
