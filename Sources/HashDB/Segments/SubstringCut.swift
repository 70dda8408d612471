import CHamming

/// How the codes of a segment are cut into substrings, in the form that the kernels take.
///
/// Substring j is the w bits from bit j · (q div m) on: disjoint, and with as many bits left out between them as there are to spare.
final class SubstringCut: @unchecked Sendable {
    let cut: UnsafePointer<hamming_cut>
    /// Element r: the masks that lead from a bucket to those at radius r.
    let flips: [FlipMasks]

    init(_ segment: SegmentDescriptor, _ shape: CodeShape) {
        let cut = UnsafeMutablePointer<hamming_cut>.allocate(capacity: 1)
        cut.initialize(to: hamming_cut())
        self.cut = UnsafePointer(cut)
        flips = segment.substrings == 0 ? [] : FlipMasks.all(width: segment.substringBits)
        guard segment.substrings > 0 else { return }
        cut.pointee.code_bits = UInt32(shape.bitWidth)
        cut.pointee.stride = UInt32(shape.stride)
        cut.pointee.count = UInt32(segment.substrings)
        cut.pointee.bits = UInt32(segment.substringBits)
        cut.pointee.entry_bytes = UInt32(segment.entryBytes(shape))
        cut.pointee.complete = segment.isComplete(shape) ? 1 : 0
        withUnsafeMutableBytes(of: &cut.pointee.start) { starts in
            for j in 0..<segment.substrings {
                starts.storeBytes(
                    of: UInt32(segment.start(ofSubstring: j, shape)), toByteOffset: 4 * j, as: UInt32.self)
            }
        }
    }

    deinit { cut.deallocate() }
}
