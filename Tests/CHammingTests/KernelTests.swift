import CHamming
import TestSupport
import Testing

/// Every kernel that this processor has must find what a plain loop finds, at every stride and whatever surrounds the codes.
@Suite(.serialized) struct KernelTests {
    static let kernels = ["portable", "neon", "avx2", "avx512"].filter { name in
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        return hamming_use(name) == 1
    }

    /// Codes, some of them near the query, and a query of that stride.
    private static func data(_ count: Int, stride: Int, seed: UInt64) -> (codes: [UInt8], query: hamming_query) {
        var generator = SplitMix64(seed: seed)
        var query = hamming_query()
        query.stride = UInt32(stride)
        let code = (0..<stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
        withUnsafeMutableBytes(of: &query.code) { $0.copyBytes(from: code) }
        var codes: [UInt8] = []
        for _ in 0..<count {
            var next = code
            for _ in 0..<Int.random(in: 0...4 * stride, using: &generator) {
                next[Int.random(in: 0..<stride, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            codes += next
        }
        return (codes, query)
    }

    private static func distances(_ codes: [UInt8], _ query: hamming_query) -> [Int] {
        let stride = Int(query.stride)
        let code = withUnsafeBytes(of: query.code) { Array($0.prefix(stride)) }
        return (0..<codes.count / stride).map { i in
            (0..<stride).reduce(0) { $0 + (codes[i * stride + $1] ^ code[$1]).nonzeroBitCount }
        }
    }

    @Test(arguments: kernels, [4, 8, 16, 24, 32, 40, 64, 128])
    func scanFindsWhatAPlainLoopFinds(kernel: String, stride: Int) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        for count in [0, 1, 7, 15, 16, 17, 31, 100, 333] {
            let (codes, query) = Self.data(count, stride: stride, seed: UInt64(count * 131 + stride))
            let dead = (0..<(count + 63) / 64 + 1).map { UInt64($0 + 1) &* 0x1020_0804_0110_0401 }
            let keys = Self.distances(codes, query).enumerated()
                .filter { dead[$0.offset / 64] >> UInt64($0.offset % 64) & 1 == 0 }
                .map { UInt64($0.element) << 32 | UInt64($0.offset) }
            for (k, limit) in [
                (0, stride), (0, 8 * stride), (1, 8 * stride), (10, 8 * stride), (10, stride), (500, 8 * stride),
            ] {
                var collector = hamming_collector()
                hamming_collector_init(&collector, k, UInt32(limit), UInt32(8 * stride))
                defer { hamming_collector_free(collector.counts) }
                var query = query
                hamming_scan(&query, codes, count, 0, dead, &collector)
                let found = Self.keys(&collector)
                let expected = keys.filter { $0 >> 32 <= UInt64(limit) }.sorted()
                if k == 0 {
                    #expect(found == expected, "\(count) codes, limit \(limit)")
                } else {
                    #expect(
                        Array(found.prefix(k)) == Array(expected.prefix(k)), "\(count) codes, k \(k), limit \(limit)")
                }
            }
        }
    }

    /// Distance and row of what was found, in order.
    private static func keys(_ collector: inout hamming_collector) -> [UInt64] {
        hamming_collector_prune(&collector)
        return (0..<collector.count).map {
            UInt64(collector.hits[$0].distance) << 32 | UInt64(collector.hits[$0].row)
        }.sorted()
    }

    /// Probing all buckets step by step meets each code once, and after step s those at distance s have been met.
    @Test(arguments: kernels, CutCase.all)
    func probingMeetsEachCodeOnceAndInTime(kernel: String, cutCase: CutCase) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        let stride = cutCase.stride
        var (codes, query) = Self.data(200, stride: stride, seed: UInt64(cutCase.bitWidth))
        cutCase.trim(&codes, &query)
        var cut = cutCase.cut
        var cutQuery = hamming_cut_query()
        withUnsafeBytes(of: query.code) {
            hamming_cut_code(&cut, $0.bindMemory(to: UInt8.self).baseAddress, &cutQuery)
        }
        let blocks = (0..<cutCase.substrings).map { cutCase.block(codes, substring: $0) }
        let rowBlock = [UInt8](repeating: 0, count: 32) + codes
        var collector = hamming_collector()
        hamming_collector_init(&collector, 0, UInt32(8 * stride), UInt32(8 * stride))
        defer { hamming_collector_free(collector.counts) }
        var work = hamming_work()
        let distances = Self.distances(codes, query)
        for step in 0..<cutCase.substrings * (cutCase.bits + 1) {
            let (radius, j) = step.quotientAndRemainder(dividingBy: cutCase.substrings)
            let masks = (0..<1 << cutCase.bits).filter { $0.nonzeroBitCount == radius }.map { UInt16($0) }
            let padded = masks + [UInt16](repeating: masks[0], count: Int(HAMMING_LOOKAHEAD))
            blocks[j].withUnsafeBufferPointer { block in
                var address = block.baseAddress
                withUnsafePointer(to: &address) { address in
                    var table = hamming_table(
                        blocks: address, substring: UInt32(j), bucket_bits: UInt32(cutCase.bits), lines: 1)
                    let end = hamming_probe(
                        &cut, &cutQuery, UInt32(radius), &table, padded, 0, masks.count, &collector, &work)
                    #expect(end == masks.count)
                }
            }
            if cut.complete == 0 {
                rowBlock.withUnsafeBufferPointer { block in
                    var address = block.baseAddress
                    withUnsafePointer(to: &address) { address in
                        var rows = hamming_rows(blocks: address, row_bits: 20)
                        var query = query
                        #expect(
                            hamming_confirm(&cut, &query, &cutQuery, &rows, UInt32(j), UInt32(radius), &collector)
                                == .max)
                    }
                }
            }
            let met = cutCase.rows(of: collector, codes)
            #expect(Set(met).count == met.count, "a code was met twice")
            #expect(
                distances.indices.allSatisfy { distances[$0] > step || met.contains($0) }, "step \(step) came too late")
        }
        #expect(collector.count == 200)
    }

    @Test func probingStopsAtABlockThatIsNotThere() {
        var cut = CutCase(bitWidth: 64, substrings: 1, bits: 2).cut
        var query = hamming_cut_query()
        let masks = [UInt16](repeating: 3, count: 1 + Int(HAMMING_LOOKAHEAD))
        var work = hamming_work()
        var collector = hamming_collector()
        hamming_collector_init(&collector, 1, 64, 64)
        defer { hamming_collector_free(collector.counts) }
        let none = [UnsafePointer<UInt8>?](repeating: nil, count: 4)
        none.withUnsafeBufferPointer {
            var table = hamming_table(blocks: $0.baseAddress, substring: 0, bucket_bits: 0, lines: 1)
            #expect(hamming_probe(&cut, &query, 2, &table, masks, 0, 1, &collector, &work) == 0)
        }
    }

    @Test(arguments: CutCase.all.filter { $0.cut.complete == 1 })
    func aSubstringAndItsRemainderAreTheCode(cutCase: CutCase) {
        var (codes, query) = Self.data(100, stride: cutCase.stride, seed: 77)
        cutCase.trim(&codes, &query)
        var cut = cutCase.cut
        for i in 0..<100 {
            let code = Array(codes[i * cutCase.stride..<(i + 1) * cutCase.stride])
            var parts = hamming_cut_query()
            hamming_cut_code(&cut, code, &parts)
            for j in 0..<cutCase.substrings {
                let value = withUnsafeBytes(of: parts.value) { $0.load(fromByteOffset: 4 * j, as: UInt32.self) }
                let entry = withUnsafeBytes(of: parts.remainder) { Array($0[16 * j..<16 * j + 16]) }
                var restored = [UInt8](repeating: 1, count: 16)
                hamming_restore(&cut, UInt32(j), value, entry, &restored)
                #expect(restored == code + [UInt8](repeating: 0, count: 16 - code.count))
            }
        }
    }

    @Test(arguments: [4, 6, 8, 16])
    func groupingABucketSortsItAndKeepsEachEntryOnce(entryBytes: Int) {
        var generator = SplitMix64(seed: UInt64(entryBytes))
        // All kinds of entries, or one that most are: then no room is needed for those.
        for (count, most) in [0, 1, 2, 23, 24, 25, 64, 65, 100, 3000].flatMap({ [($0, 0), ($0, 1), ($0, $0)] }) {
            let list = (0..<count).map { row in
                let isUsual = most > 0 && (most == count || Int.random(in: 0..<10, using: &generator) < 8)
                let any = Int.random(in: 0..<max(1, count / 2), using: &generator)
                let value = (isUsual ? count / 4 : any) &* 0x0101_0307
                let bytes = withUnsafeBytes(of: (value, value)) { Array($0[..<entryBytes]) }
                return (entry: bytes, row: UInt32(row))
            }
            var entries = list.flatMap(\.entry)
            var rows = list.map(\.row)
            let others = hamming_bucket_others(entries, count, UInt32(entryBytes))
            if count > 64, most > 0 { #expect(others < count / 2 && (most < count || others == 0)) }
            var sizes = [UInt32](repeating: 7, count: others + 2)
            var scratch = [UInt64](repeating: 7, count: 6 * others + 1)
            let kept = hamming_bucket_group(&entries, &rows, &sizes, count, UInt32(entryBytes), &scratch)
            #expect(sizes[others + 1] == 7 && scratch[6 * others] == 7, "it writes past what it was given")
            let groups = Dictionary(grouping: list, by: \.entry).sorted {
                $0.key.reversed().lexicographicallyPrecedes($1.key.reversed())
            }
            #expect(kept == groups.count)
            #expect(Array(entries.prefix(kept * entryBytes)) == groups.flatMap(\.key))
            #expect(rows == groups.flatMap { $0.value.map(\.row) })
            #expect(sizes.prefix(kept).map { Int($0) } == groups.map(\.value.count))
        }
    }

    /// Rows that do not come in the order of what breaks their ties.
    @Test(arguments: kernels, [4, 8, 32, 40])
    func aCollectorThatKeepsTiesHasAllThatAreAsFarAsTheLast(kernel: String, stride: Int) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        for (count, k) in [(0, 1), (5, 9), (300, 1), (300, 10), (3000, 40)] {
            let (codes, asked) = Self.data(count, stride: stride, seed: UInt64(count + k))
            let keys = Self.distances(codes, asked).enumerated().map { UInt64($0.element) << 32 | UInt64($0.offset) }
            var collector = hamming_collector()
            hamming_collector_init(&collector, k, UInt32(8 * stride), UInt32(8 * stride))
            defer { hamming_collector_free(collector.counts) }
            collector.keeps_ties = 1
            var query = asked
            hamming_scan(&query, codes, count, 0, nil, &collector)
            let last = k <= count ? keys.sorted()[k - 1] >> 32 : .max
            #expect(Self.keys(&collector) == keys.filter { $0 >> 32 <= last }.sorted())
        }
    }

    @Test func keysAreSortedWhateverTheirNumber() {
        var generator = SplitMix64(seed: 9)
        for count in [0, 1, 2, 63, 64, 65, 5000] {
            for (rowBits, isInOrder) in [(8, false), (17, false), (32, false), (20, true)] as [(UInt32, Bool)] {
                var rows = (0..<count).map { _ in UInt64.random(in: 0..<1 << UInt64(rowBits), using: &generator) }
                if isInOrder { rows.sort() }
                var keys = rows.map { UInt64.random(in: 0...1024, using: &generator) << 32 | $0 }
                let expected = keys.sorted()
                var scratch = keys
                hamming_sort(&keys, &scratch, count, rowBits)
                #expect(keys == expected)
            }
        }
    }

    @Test func substringsAreTheBitsThatTheyName() {
        var generator = SplitMix64(seed: 5)
        for stride in [4, 8, 16, 128] {
            let code = (0..<stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for bits in [1, 7, 16, 21, 24] {
                for start in 0...8 * stride - bits {
                    let expected = (0..<bits).reduce(0) {
                        $0 | Int(code[(start + $1) / 8] >> UInt8((start + $1) % 8) & 1) << $1
                    }
                    #expect(hamming_substring(code, UInt32(start), UInt32(bits)) == UInt32(expected))
                }
            }
        }
    }
}
