/// Conversions between single precision and IEEE 754 half precision, for weight files.
///
/// Written out because `Float16` is missing on one of our platforms (macOS on Intel).
enum HalfPrecision {
    /// The nearest half, ties to even; values beyond the largest half become infinite.
    static func bits(_ value: Float) -> UInt16 {
        let single = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: single >> 16) & 0x8000
        let magnitude = single & 0x7FFF_FFFF
        if magnitude >= 0x7F80_0000 { return sign | (magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00) }
        if magnitude >= 0x477F_F000 { return sign | 0x7C00 }  // 65520 and more round to infinity
        if magnitude < 0x3880_0000 {
            // Below 2^-14 halves are multiples of 2^-24.
            let rounded = Float(bitPattern: magnitude) * 0x1p24
            return sign | UInt16(rounded.rounded(.toNearestOrEven))
        }
        let rebiased = magnitude - (112 << 23)
        let rounded = rebiased + 0xFFF + (rebiased >> 13 & 1)
        return sign | UInt16(truncatingIfNeeded: rounded >> 13)
    }

    /// The value of a half, exactly.
    static func value(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1F)
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        case 31:
            return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:
            return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
