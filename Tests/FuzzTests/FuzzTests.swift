import Foundation
import FuzzTargets
import Testing

/// A short run of what `Tools/fuzz/run` does at length: seeded changes to the seeds.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.allCases) func anythingIsReadOrRefused(target: FuzzTarget) throws {
        let path = NSTemporaryDirectory() + "FuzzTests-" + UUID().uuidString
        defer { for suffix in ["", "-lock"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let seeds = try target.seeds(scratch: path)
        #expect(!seeds.isEmpty)
        var generator = SplitMix64(state: 20)
        for seed in seeds {
            try target.run(seed, scratch: path)
            for _ in 0..<300 { try target.run(Self.changed(seed, &generator), scratch: path) }
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

/// Steele, Lea and Flood's SplitMix64, for reproducible cases.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
