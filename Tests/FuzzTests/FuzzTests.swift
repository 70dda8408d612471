import Foundation
import FuzzTargets
import TestSupport
import Testing

/// A short run of what `Tools/fuzz/run` does at length: seeded changes to the seeds.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.allCases) func anythingIsReadOrRefused(target: FuzzTarget) throws {
        let path = FuzzTarget.scratch()
        defer { for suffix in ["", "-lock"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let seeds = try target.seeds(scratch: path)
        #expect(!seeds.isEmpty)
        var generator = SplitMix64(seed: 20)
        for seed in seeds {
            try target.run(seed, scratch: path)
            // What is done with a whole store takes longer, and so does training.
            let rounds =
                switch target {
                case .checkpoint: 200
                case .blocks, .header: 1000
                default: 4000
                }
            for _ in 0..<min(300, rounds / seeds.count) {
                try target.run(Self.changed(seed, &generator), scratch: path)
            }
        }
    }

    /// Every number of a store's header, and those at the beginning of every kind of block, at their extremes, with right checksums; a third
    /// of all that, unless there is time.
    @Test(arguments: [FuzzTarget.header, .blocks]) func numbersMayBeAnything(target: FuzzTarget) throws {
        let path = FuzzTarget.scratch()
        defer { for suffix in ["", "-lock"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let ones = [UInt8](repeating: 0xFF, count: 8)
        var patterns = [ones, [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F]]
        if target == .header { patterns += [[0xFF, 0xFF, 0xFF, 0xFF], ones.dropLast() + [0x7F]] }
        let isLong = ProcessInfo.processInfo.environment["HASHDB_LONG_TESTS"] == "1"
        var seen: Set<[UInt8]> = []
        for var input in try target.seeds(scratch: path) {
            // All that can be done with the store.
            input[1] = 0xFF
            guard seen.insert(input).inserted else { continue }
            // The store, what is done and the entry come first.
            let end = min(input.count, 4 + (target == .header ? 400 : 48))
            for at in stride(from: 4, to: end, by: 4) {
                for (number, pattern) in patterns.enumerated() where at + pattern.count <= input.count {
                    guard isLong || (seen.count + at / 4 + number) % 3 == 0 else { continue }
                    var changed = input
                    changed.replaceSubrange(at..<at + pattern.count, with: pattern)
                    try target.run(changed, scratch: path)
                }
            }
        }
    }

    /// Bytes changed, cut out, doubled or cut off.
    private static func changed(_ seed: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            let end = min(bytes.count, at + Int.random(in: 1...8, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[at] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &generator) ?? 0
            case 2: bytes[at] = .random(in: 0...255, using: &generator)
            case 3: bytes.removeSubrange(at..<end)
            case 4: bytes.insert(contentsOf: bytes[at..<end], at: at)
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }
}
