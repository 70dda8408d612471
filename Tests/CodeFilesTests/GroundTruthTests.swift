import CodeFiles
import HashDB
import TestSupport
import Testing

@Suite struct GroundTruthTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ answers: [[Match]], _ kind: GroundTruthKind) throws -> String {
        let writer = try GroundTruthWriter(path: folder.file("gt.bin"), kind: kind)
        for answer in answers { try writer.append(answer) }
        try writer.finish()
        return folder.file("gt.bin")
    }

    private func read(_ path: String, _ kind: GroundTruthKind? = nil) throws -> [[Match]] {
        let reader = try GroundTruthReader(path: path, kind: kind)
        var answers: [[Match]] = []
        while let answer = try reader.next() { answers.append(answer) }
        return answers
    }

    @Test func answersAreWrittenAsDocumented() throws {
        let answers = [
            [Match(id: 5, distance: 0), Match(id: 258, distance: 3)],
            [Match(id: 0, distance: 1), Match(id: 1, distance: 2)],
        ]
        let ids: [UInt8] = [5, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        let distances: [UInt8] = [0, 0, 0, 0, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
        _ = try write(answers, .nearest)
        #expect(try folder.bytes(of: "gt.bin") == [2, 0, 0, 0, 2, 0, 0, 0] + ids + distances)
        _ = try write([answers[0], [], answers[1]], .range)
        let counts: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]
        #expect(try folder.bytes(of: "gt.bin") == [3, 0, 0, 0, 4, 0, 0, 0] + counts + ids + distances)
    }

    @Test(arguments: GroundTruthKind.allCases) func answersRoundTrip(kind: GroundTruthKind) throws {
        var generator = SplitMix64(seed: 3)
        for queries in [0, 1, 5, 3000] {
            let answers = (0..<queries).map { _ in
                (0..<(kind == .nearest ? 7 : Int.random(in: 0...9, using: &generator))).map { _ in
                    Match(id: generator.next() >> 33, distance: .random(in: 0...1024, using: &generator))
                }
            }
            let path = try write(answers, kind)
            #expect(try read(path, kind) == answers)
            if queries == 3000 { #expect(try GroundTruthReader(path: path).kind == kind) }
        }
    }

    @Test func whatTheFormatCannotSayIsRefused() throws {
        #expect(throws: CodeFileError.self) { try write([[Match(id: 1 << 31, distance: 0)]], .range) }
        #expect(throws: CodeFileError.self) { try write([[], [Match(id: 1, distance: 0)]], .nearest) }
        #expect(folder.names.isEmpty)
    }

    @Test func aQueryThatIsRefusedLeavesNothingBehind() throws {
        let good = [Match(id: 5, distance: 1), Match(id: 6, distance: 2)]
        for kind in GroundTruthKind.allCases {
            let writer = try GroundTruthWriter(path: folder.file("gt.bin"), kind: kind)
            let bad = [Match(id: 7, distance: 0), Match(id: 1 << 31, distance: 0), Match(id: 8, distance: 0)]
            #expect(throws: CodeFileError.self) { try writer.append(bad) }
            try writer.append(good)
            #expect(throws: CodeFileError.self) { try writer.append(Array(bad.prefix(2))) }
            try writer.append(good.reversed())
            try writer.finish()
            #expect(try read(folder.file("gt.bin"), kind) == [good, good.reversed()])
        }
    }

    @Test func distancesAreNotNegative() throws {
        let head: [UInt8] = [1, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0]
        let path = try folder.write(head + [0, 0, 0x40, 0xc0], to: "negative.bin")
        let error = #expect(throws: CodeFileError.self) { try read(path, .nearest) }
        #expect(error?.description.contains("at distance -3") == true)
        let good = try folder.write(head + [0, 0, 0x40, 0x40], to: "gt.bin")
        #expect(try read(good, .nearest) == [[Match(id: 5, distance: 3)]])
    }

    @Test func survivesDamage() throws {
        let answers = (0..<4).map { _ in (0..<3).map { Match(id: UInt64($0), distance: $0) } }
        for kind in GroundTruthKind.allCases {
            let bytes = try [UInt8](folder.bytes(of: String(write(answers, kind).split(separator: "/").last!)))
            var generator = SplitMix64(seed: 9)
            for round in 0..<1000 {
                var changed = bytes
                changed[Int.random(in: 0..<changed.count, using: &generator)] = .random(in: 0...255, using: &generator)
                if round % 3 == 0 {
                    changed = Array(changed.prefix(Int.random(in: 0...bytes.count, using: &generator)))
                }
                let path = try folder.write(changed, to: "bad.bin")
                do { _ = try read(path, round % 2 == 0 ? kind : nil) } catch is CodeFileError {}
            }
        }
    }
}
