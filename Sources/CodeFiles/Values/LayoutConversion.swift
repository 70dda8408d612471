/// Brings codes from one layout into another with as many bits.
struct LayoutConversion {
    private enum Way {
        case none
        /// The bits of each byte the other way round.
        case reversed
        /// Bit by bit.
        case general
    }

    private let source: CodeLayout
    private let target: CodeLayout
    private let way: Way

    /// A conversion between layouts of one number of bits.
    init(from source: CodeLayout, to target: CodeLayout) {
        self.source = source
        self.target = target
        way =
            if source.paddingBits > 0 && source.padding != target.padding {
                .general
            } else {
                source.order == target.order ? .none : .reversed
            }
    }

    /// Packed codes in the new layout.
    func callAsFunction(_ codes: [UInt8]) -> [UInt8] {
        switch way {
        case .none: return codes
        case .reversed: return codes.map(Self.reversed)
        case .general:
            var result: [UInt8] = []
            result.reserveCapacity(codes.count)
            for start in stride(from: 0, to: codes.count, by: source.byteCount) {
                target.append(bits: source.bits(of: codes[start..<start + source.byteCount]), to: &result)
            }
            return result
        }
    }

    private static func reversed(_ byte: UInt8) -> UInt8 {
        var byte = byte << 4 | byte >> 4
        byte = (byte & 0x33) << 2 | (byte & 0xcc) >> 2
        return (byte & 0x55) << 1 | (byte & 0xaa) >> 1
    }
}
