import CHamming

/// How the codes of a segment are cut into substrings, in the form that the kernels take.
///
/// Substring j is the w bits from bit j · (q div m) on: disjoint, and with as many bits left out between them as there are to spare.
final class SubstringCut: @unchecked Sendable {
    let substrings: UnsafePointer<hamming_substrings>
    /// The masks of the first radii, which near queries need in no time.
    let nearFlips: [FlipMasks]

    init(_ segment: SegmentDescriptor, _ shape: CodeShape) {
        let cut = UnsafeMutablePointer<hamming_substrings>.allocate(capacity: 1)
        cut.initialize(to: hamming_substrings())
        cut.pointee.count = UInt32(segment.substrings)
        cut.pointee.bits = UInt32(segment.substringBits)
        withUnsafeMutableBytes(of: &cut.pointee.start) { starts in
            for j in 0..<segment.substrings {
                starts.storeBytes(
                    of: UInt32(segment.start(ofSubstring: j, shape)), toByteOffset: 4 * j, as: UInt32.self)
            }
        }
        substrings = UnsafePointer(cut)
        nearFlips =
            segment.substrings == 0
            ? [] : (0...min(3, segment.substringBits)).map { FlipMasks.of(width: segment.substringBits, radius: $0) }
    }

    deinit { substrings.deallocate() }
}

extension SegmentDescriptor {
    /// The first bit of a substring.
    func start(ofSubstring substring: Int, _ shape: CodeShape) -> Int { substring * (shape.bitWidth / substrings) }
}

extension Segment {
    /// The bucket that holds the codes whose substring equals the query's.
    func bucket(of query: UnsafePointer<hamming_query>, substring: Int) -> Int {
        let code = UnsafeRawPointer(query).advanced(by: codeOffset).assumingMemoryBound(to: UInt8.self)
        let start = UInt32(descriptor.start(ofSubstring: substring, shape))
        return Int(hamming_substring(code, start, UInt32(descriptor.substringBits)))
    }
}

private let codeOffset = MemoryLayout<hamming_query>.offset(of: \.code) ?? 8
