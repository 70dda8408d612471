import Foundation
import TestSupport
import Testing

/// Runs the commands of the article for the first half hour, and compares what they print with what the article says: everything but
/// numbers, times, hashes and which of the pictures are alike.
@Suite struct TutorialTests {
    /// A command of the article and the lines behind it.
    struct Step {
        var command: String
        var expected: [String] = []
    }

    /// The commands in blocks of the kind `console`.
    static func steps() throws -> [Step] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let article = root.appendingPathComponent("Sources/ImageCodes/ImageCodes.docc/FirstHalfHour.md")
        var steps: [Step] = []
        var isInside = false
        for line in try String(contentsOf: article, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if isInside, !line.isEmpty {
                try #require(!steps.isEmpty, "a block begins with a command")
                steps[steps.count - 1].expected.append(String(line))
            }
        }
        return steps
    }

    /// A picture full of contrast, one of the same seed but another size being the same picture.
    private func writePicture(_ name: String, seed: UInt64, side: Int, in space: Workspace) throws {
        var generator = SplitMix64(seed: seed)
        let tiles = (0..<64).map { _ in (0..<3).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        var pixels: [UInt8] = []
        for place in 0..<side * side {
            let (row, column) = (place / side * 8 / side, place % side * 8 / side)
            pixels += tiles[row * 8 + column]
        }
        try space.write(Array("P6\n\(side) \(side)\n255\n".utf8) + pixels, to: name)
    }

    @Test func theFirstHalfHourGoesAsItIsTold() throws {
        let steps = try Self.steps()
        try #require(steps.count > 10)
        let space = try Workspace()
        let named = Set(steps.flatMap { Self.pictures(in: $0.command) + $0.expected.flatMap(Self.pictures) })
        for number in 0..<20 {
            try writePicture("Pictures/things/p\(number).JPEG", seed: UInt64(100 + number), side: 64, in: space)
        }
        for (number, name) in named.sorted().enumerated() {
            try writePicture("Pictures/things/\(name)", seed: UInt64(number), side: 512, in: space)
        }
        // What the article says of its second folder: a copy, and a smaller version.
        let toyshop = try #require(named.sorted().firstIndex(of: "n04462240_toyshop.JPEG"))
        try writePicture("Pictures/inbox/toyshop, small.jpg", seed: UInt64(toyshop), side: 256, in: space)
        let tench = try space.bytes(of: "Pictures/things/n01440764_tench.JPEG")
        try space.write(tench, to: "Pictures/inbox/n01440764_tench (1).JPEG")
        let home = "export HOME='\(space.resolvedPath)' XDG_DATA_HOME='\(space.resolvedPath)/.local/share'\n"
        for step in steps {
            let result = try space.tool.shell(home + "{ \(step.command)\n} 2>&1")
            #expect(result.status == 0, "\(step.command): \(result.output)")
            #expect(result.error.isEmpty, "\(step.command)")
            let found = result.lines.map { $0.replacingOccurrences(of: space.resolvedPath, with: "/home/me") }
            #expect(found.map(Self.shape) == step.expected.map(Self.shape), "\(step.command)")
        }
    }

    /// The names of pictures below `things` in a line.
    private static func pictures(in line: String) -> [String] {
        line.matches(of: /Pictures\/things\/([^ \/]+\.(?:JPEG|jpg))/).map { String($0.output.1) }
    }

    /// A line without what differs from run to run.
    private static func shape(_ line: String) -> String {
        line.replacing(/\/home\/me\/Pictures\/(things|animals)\/[^ ]+/) { "/home/me/Pictures/\($0.output.1)/PICTURE" }
            .replacing(/\b[0-9a-f]{32}\b/, with: "HASH")
            .replacing(/\d[\d.,:TZ-]*( [kMG]?B\b)?/, with: "N")
            .replacing(#/ +/#, with: " ")
    }
}
