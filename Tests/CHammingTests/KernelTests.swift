import CHamming
import Testing

/// Every kernel that this processor has must find what a plain loop finds, at every stride and whatever surrounds the codes.
@Suite(.serialized) struct KernelTests {
    static let kernels = ["portable", "avx2", "avx512"].filter { name in
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        return hamming_use(name) == 1
    }

    /// Codes, some of them near the query, and a query of that stride.
    private static func data(_ count: Int, stride: Int, seed: UInt64) -> (codes: [UInt8], query: hamming_query) {
        var generator = SeededGenerator(seed: seed)
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
                hamming_collector_init(&collector, k, UInt32(limit))
                defer { hamming_collector_free(&collector) }
                var query = query
                hamming_scan(&query, codes, count, 0, dead, &collector)
                let found = (0..<collector.count).map { collector.keys[$0] }.sorted()
                let expected = keys.filter { $0 >> 32 <= UInt64(limit) }.sorted()
                #expect(
                    found == (k == 0 ? expected : Array(expected.prefix(k))), "\(count) codes, k \(k), limit \(limit)")
            }
        }
    }

    /// Probing all buckets step by step meets each code once, and after step s those at distance s have been met.
    @Test(arguments: kernels, [4, 8, 16, 32, 40])
    func probingMeetsEachCodeOnceAndInTime(kernel: String, stride: Int) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        let (codes, query) = Self.data(200, stride: stride, seed: UInt64(stride))
        let bits = 5
        let m = 3
        var cut = hamming_substrings()
        cut.count = UInt32(m)
        cut.bits = UInt32(bits)
        cut.start.0 = 1
        cut.start.1 = 9
        cut.start.2 = UInt32(8 * stride - bits)
        let starts = [1, 9, 8 * stride - bits]
        let blocks = starts.map { block(codes, stride: stride, start: $0, bits: bits) }
        var collector = hamming_collector()
        hamming_collector_init(&collector, 0, UInt32(8 * stride))
        defer { hamming_collector_free(&collector) }
        var work = hamming_work()
        let distances = Self.distances(codes, query)
        for step in 0..<m * (bits + 1) {
            let (radius, j) = step.quotientAndRemainder(dividingBy: m)
            let masks = (0..<UInt32(1 << bits)).filter { $0.nonzeroBitCount == radius }
            let padded = masks + [UInt32](repeating: masks[0], count: Int(HAMMING_LOOKAHEAD))
            blocks[j].withUnsafeBufferPointer { block in
                var address = block.baseAddress
                withUnsafePointer(to: &address) { address in
                    var table = hamming_table(blocks: address, bucket_bits: UInt32(bits), wide: 0)
                    var query = query
                    let end = hamming_probe(
                        &query, &cut, UInt32(j), UInt32(radius), &table, padded, 0, masks.count, nil, &collector, &work)
                    #expect(end == masks.count)
                }
            }
            let met = Set((0..<collector.count).map { Int(collector.keys[$0] & 0xFFFF_FFFF) })
            #expect(met.count == collector.count, "a code was met twice")
            #expect(
                distances.indices.allSatisfy { distances[$0] > step || met.contains($0) }, "step \(step) came too late")
        }
        #expect(collector.count == 200)
    }

    @Test func probingStopsAtABlockThatIsNotThere() {
        var query = hamming_query()
        query.stride = 8
        var cut = hamming_substrings()
        cut.count = 1
        cut.bits = 2
        let masks = [UInt32](repeating: 3, count: 1 + Int(HAMMING_LOOKAHEAD))
        var work = hamming_work()
        var collector = hamming_collector()
        hamming_collector_init(&collector, 1, 64)
        let none = [UnsafePointer<UInt8>?](repeating: nil, count: 4)
        none.withUnsafeBufferPointer {
            var table = hamming_table(blocks: $0.baseAddress, bucket_bits: 0, wide: 0)
            #expect(hamming_probe(&query, &cut, 0, 2, &table, masks, 0, 1, nil, &collector, &work) == 0)
        }
    }

    /// A block of all buckets of one substring, as HashDB lays it out.
    private func block(_ codes: [UInt8], stride: Int, start: Int, bits: Int) -> [UInt8] {
        let count = codes.count / stride
        func value(_ i: Int) -> Int {
            (0..<bits).reduce(0) { $0 | Int(codes[i * stride + (start + $1) / 8] >> UInt8((start + $1) % 8) & 1) << $1 }
        }
        let order = (0..<count).sorted { (value($0), $0) < (value($1), $1) }
        var words = [UInt32](repeating: 0, count: 8)
        words[3] = UInt32(count)
        for bucket in 0...1 << bits { words.append(UInt32(order.count { value($0) < bucket })) }
        var bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
        bytes += [UInt8](repeating: 0, count: hamming_block_codes_offset(UInt32(bits)) - bytes.count)
        for i in order { bytes += codes[i * stride..<(i + 1) * stride] }
        for i in order { bytes += (0..<4).map { UInt8(truncatingIfNeeded: i >> (8 * $0)) } }
        return bytes
    }

    @Test func substringsAreTheBitsThatTheyName() {
        var generator = SeededGenerator(seed: 5)
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

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
