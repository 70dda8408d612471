import CHamming
import TestSupport
import Testing

/// Looking codes up in the table of substring 0.
@Suite struct LookupTests {
    private static let cuts = [
        CutCase(bitWidth: 48, substrings: 3, bits: 16), CutCase(bitWidth: 64, substrings: 4, bits: 16),
        CutCase(bitWidth: 72, substrings: 3, bits: 16), CutCase(bitWidth: 128, substrings: 3, bits: 5),
        CutCase(bitWidth: 64, substrings: 2, bits: 13), CutCase(bitWidth: 16, substrings: 1, bits: 9),
    ]

    /// Even, crowded at either end, in two heaps, and alike but for the lowest bits.
    private enum Spread: CaseIterable {
        case even, low, high, heaps, narrow

        func entry(of rest: Int, using generator: inout SplitMix64) -> UInt128 {
            let most = UInt128.max >> UInt128(128 - rest)
            let even = UInt128(generator.next()) << 64 | UInt128(generator.next())
            let small = even & most >> UInt128(rest / 2 + Int.random(in: 0..<rest / 2, using: &generator))
            return switch self {
            case .even: even & most
            case .low: small
            case .high: most - small
            case .heaps: Bool.random(using: &generator) ? small : most - small
            case .narrow: most / 3 & ~0x3F | even & 0x3F
            }
        }
    }

    @Test(arguments: cuts)
    func anEntryIsFoundHoweverTheOthersAreSpread(cutCase: CutCase) {
        var cut = cutCase.cut
        let (size, rest) = (Int(cut.entry_bytes), cutCase.bitWidth - cutCase.bits)
        var generator = SplitMix64(seed: UInt64(cutCase.bitWidth))
        func bytes(_ entry: UInt128) -> [UInt8] { withUnsafeBytes(of: entry) { Array($0.prefix(size)) } }
        for spread in Spread.allCases {
            for count in [0, 1, 2, 3, 7, 8, 9, 10, 100, 1000] {
                let all = (0..<count).map { _ in spread.entry(of: rest, using: &generator) }
                let sorted = Set(all).sorted()
                let entries = sorted.flatMap(bytes) + [0]
                for (i, entry) in sorted.enumerated() {
                    #expect(
                        hamming_find_entry(&cut, entries, sorted.count, bytes(entry)) == i,
                        "\(spread), \(i) of \(count)")
                }
                // Bits that no code has, and a damaged block may have, lead nowhere else.
                let beyond = UInt128.max << UInt128(rest)
                for (i, entry) in sorted.enumerated() {
                    #expect(hamming_find_entry(&cut, entries, sorted.count, bytes(entry | beyond)) == i)
                }
                for _ in 0..<20 {
                    let absent = spread.entry(of: rest, using: &generator)
                    guard !sorted.contains(absent) else { continue }
                    #expect(hamming_find_entry(&cut, entries, sorted.count, bytes(absent)) == sorted.count)
                }
            }
        }
    }

    @Test(arguments: cuts.filter { $0.bitWidth > 16 })
    func theRowOfACodeIsFoundByTheFirstTable(cutCase: CutCase) {
        var generator = SplitMix64(seed: 3)
        let bytes = cutCase.bitWidth / 8
        let codes = Set((0..<300).map { _ in (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &generator) } })
        // Blocks of this kind list codes by bucket and row: by entry then, too, if they come in that order.
        let padding = [UInt8](repeating: 0, count: cutCase.stride - bytes)
        let list = codes.map { $0 + padding }.sorted {
            Self.remainder($0, cutCase).lexicographicallyPrecedes(Self.remainder($1, cutCase))
        }
        let block = cutCase.block(list.flatMap { $0 }, substring: 0)
        var cut = cutCase.cut
        block.withUnsafeBufferPointer { block in
            var address = block.baseAddress
            withUnsafePointer(to: &address) { address in
                var table = hamming_table(blocks: address, substring: 0, bucket_bits: UInt32(cutCase.bits), lines: 1)
                for (row, code) in list.enumerated() {
                    let found = hamming_rows_of_code(&cut, &table, code)
                    #expect(found.count == 1)
                    #expect(found.rows?.withMemoryRebound(to: UInt32.self, capacity: 1) { $0.pointee } == UInt32(row))
                    var parts = hamming_cut_query()
                    hamming_cut_code(&cut, code, &parts)
                    for (k, limit, isEnough) in [(1, 64, true), (2, 64, false), (0, 64, false), (0, 0, true)] {
                        var collector = hamming_collector()
                        #expect(hamming_collector_init(&collector, k, UInt32(limit), UInt32(cutCase.bitWidth)) == 1)
                        defer { hamming_collector_free(collector.counts) }
                        #expect(hamming_probe_equal(&cut, &parts, &table, &collector) == (isEnough ? 1 : 0))
                        #expect(collector.count == (isEnough ? 1 : 0))
                        guard isEnough else { continue }
                        let rows = hamming_rows_of_hit(&cut, &table, collector.hits)
                        #expect(rows.rows == found.rows && rows.count == 1)
                    }
                    var other = code
                    other[0] ^= 1
                    if !codes.contains(Array(other.prefix(bytes))) {
                        #expect(hamming_rows_of_code(&cut, &table, other).count == 0)
                    }
                }
            }
        }
    }

    /// The remainder after substring 0 from its most significant byte on.
    private static func remainder(_ code: [UInt8], _ cutCase: CutCase) -> [UInt8] {
        var cut = cutCase.cut
        var parts = hamming_cut_query()
        hamming_cut_code(&cut, code, &parts)
        return withUnsafeBytes(of: parts.remainder) { Array($0.prefix(16)) }.reversed()
    }
}
