import CHamming
import TestSupport
import Testing

/// The joins of every kernel must find the pairs that two plain loops find, each once, however little room there is for them.
@Suite(.serialized) struct JoinTests {
    /// Pairs of codes near one another.
    private static func codes(_ count: Int, stride: Int, _ generator: inout SplitMix64) -> [UInt8] {
        let centre = (0..<stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var codes: [UInt8] = []
        for _ in 0..<count {
            var code = centre
            for _ in 0..<Int.random(in: 0...2 * stride, using: &generator) {
                code[Int.random(in: 0..<stride, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            codes += code
        }
        return codes
    }

    private static func distance(_ a: [UInt8], _ i: Int, _ b: [UInt8], _ j: Int, _ stride: Int) -> Int {
        (0..<stride).reduce(0) { $0 + (a[i * stride + $1] ^ b[j * stride + $1]).nonzeroBitCount }
    }

    /// What `kernel` finds with room for `capacity` pairs at a time, as [left, right, bucket, distance].
    private static func pairs(capacity: Int, _ kernel: (inout hamming_join) -> Int32) -> [[UInt32]] {
        var found: [[UInt32]] = []
        var room = [hamming_pair](repeating: hamming_pair(), count: capacity)
        room.withUnsafeMutableBufferPointer { room in
            var join = hamming_join()
            join.pairs = room.baseAddress
            join.capacity = capacity
            var isDone = false
            while !isDone {
                isDone = kernel(&join) == 1
                found += room[..<join.count].map { [$0.left, $0.right, $0.bucket, $0.distance] }
                join.count = 0
            }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test(arguments: KernelTests.kernels, [4, 8, 16, 24, 32, 128])
    func joiningCodesFindsWhatTwoLoopsFind(kernel: String, stride: Int) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        var generator = SplitMix64(seed: UInt64(stride))
        for (leftCount, rightCount) in [(0, 9), (1, 1), (3, 31), (17, 32), (40, 33), (270, 63), (30, 300), (290, 290)] {
            let left = Self.codes(leftCount, stride: stride, &generator)
            let right = Self.codes(rightCount, stride: stride, &generator)
            for (isSame, limit) in [(false, stride), (true, stride), (true, 8 * stride), (false, 0), (true, 0)] {
                if leftCount > 200, limit > stride { continue }
                let other = isSame ? left : right
                let otherCount = isSame ? leftCount : rightCount
                var expected: [[UInt32]] = []
                for i in 0..<leftCount {
                    for j in (isSame ? i + 1 : 0)..<max(otherCount, isSame ? i + 1 : 0) {
                        let distance = Self.distance(left, i, other, j, stride)
                        if distance <= limit { expected.append([UInt32(i), UInt32(j), 0, UInt32(distance)]) }
                    }
                }
                let found = Self.pairs(capacity: leftCount % 2 == 0 ? 32 : 1000) { join in
                    hamming_join_codes(
                        left, UInt32(leftCount), other, UInt32(otherCount), UInt32(stride), UInt32(limit),
                        isSame ? 1 : 0, &join)
                }
                #expect(found == expected, "\(leftCount) and \(otherCount) codes, limit \(limit)")
            }
        }
    }

    /// After all steps up to the limit, every pair within it has been met exactly once.
    @Test(arguments: KernelTests.kernels, CutCase.all)
    func joiningBucketsMeetsEachPairOnce(kernel: String, cutCase: CutCase) {
        let before = String(cString: hamming_kernel_name())
        defer { hamming_use(before) }
        #expect(hamming_use(kernel) == 1)
        var generator = SplitMix64(seed: UInt64(cutCase.bitWidth * 3 + cutCase.bits))
        for isSame in [true, false] {
            let sides = [400, 150].map { count in
                var codes = Self.codes(count, stride: cutCase.stride, &generator)
                var unused = hamming_query()
                cutCase.trim(&codes, &unused)
                return codes
            }
            let left = sides[0]
            let right = isSame ? left : sides[1]
            let limit = min(2 * cutCase.stride, 20)
            var expected: [[Int]] = []
            for i in 0..<400 {
                for j in (isSame ? i + 1 : 0)..<right.count / cutCase.stride {
                    let distance = Self.distance(left, i, right, j, cutCase.stride)
                    // Equal codes are different entries here.
                    if distance <= limit { expected.append([i, j, distance]) }
                }
            }
            var met: [[Int]] = []
            // The last substring first.
            let ranks = (0..<cutCase.substrings).map { UInt32(cutCase.substrings - 1 - $0) }
            let blocks = sides.map { codes in (0..<cutCase.substrings).map { cutCase.block(codes, substring: $0) } }
            for step in 0...min(limit, cutCase.substrings * (cutCase.bits + 1) - 1) {
                let (radius, rank) = step.quotientAndRemainder(dividingBy: cutCase.substrings)
                met += Self.step(
                    cutCase, ranks, cutCase.substrings - 1 - rank, radius, limit, left, right,
                    isSame ? [blocks[0], blocks[0]] : blocks, isSame: isSame)
            }
            #expect(met.sorted { $0.lexicographicallyPrecedes($1) } == expected)
        }
    }

    /// The pairs of one step as [left row, right row, distance].
    private static func step(
        _ cutCase: CutCase, _ ranks: [UInt32], _ j: Int, _ radius: Int, _ limit: Int, _ left: [UInt8], _ right: [UInt8],
        _ tables: [[[UInt8]]], isSame: Bool
    ) -> [[Int]] {
        var cut = cutCase.cut
        let masks = (0..<1 << cutCase.bits).filter { $0.nonzeroBitCount == radius }.map { UInt16($0) }
        let padded = masks + [UInt16](repeating: masks[0], count: Int(HAMMING_LOOKAHEAD))
        let blocks = tables.map { $0[j] }
        return blocks[0].withUnsafeBufferPointer { leftBlock in
            blocks[1].withUnsafeBufferPointer { rightBlock in
                var addresses = [leftBlock.baseAddress, rightBlock.baseAddress]
                return addresses.withUnsafeMutableBufferPointer { addresses in
                    guard let base = UnsafePointer(addresses.baseAddress) else { return [] }
                    var tables = [0, isSame ? 0 : 1].map { side in
                        hamming_table(
                            blocks: base + side, substring: UInt32(j), bucket_bits: UInt32(cutCase.bits), lines: 2)
                    }
                    var pairs: [[Int]] = []
                    for bucket in 0..<1 << cutCase.bits {
                        let found = Self.pairs(capacity: 64) { join in
                            hamming_join_buckets(
                                &cut, ranks, UInt32(radius), UInt32(limit), &tables[0], UInt32(bucket), &tables[1],
                                padded,
                                masks.count, &join)
                        }
                        for pair in found {
                            let a = cutCase.row(at: Int(pair[0]), in: blocks[0])
                            let b = cutCase.row(at: Int(pair[1]), in: isSame ? blocks[0] : blocks[1])
                            var distance = pair[3]
                            if cut.complete == 0 {
                                let confirmed = hamming_join_confirm(
                                    &cut, ranks, UInt32(j), UInt32(radius), UInt32(limit),
                                    Array(left[a * cutCase.stride..<(a + 1) * cutCase.stride]),
                                    Array(right[b * cutCase.stride..<(b + 1) * cutCase.stride]))
                                if confirmed == .max { continue }
                                distance = confirmed
                            }
                            pairs.append(isSame ? [min(a, b), max(a, b), Int(distance)] : [a, b, Int(distance)])
                        }
                    }
                    return pairs
                }
            }
        }
    }
}
