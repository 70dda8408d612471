/// Cosines in units of 2⁻²⁴, written out because mathematical libraries differ in last bits.
///
/// The cosines of every frequency add up to exactly 0 over the 64 samples, so that a flat image has no frequencies.
package enum CosineTable {
    /// cos(π m / 128) · 2²⁴ for m = 0 to 64, rounded to the nearest integer.
    static let quarter: [Int64] = [
        16_777_216, 16_772_163, 16_757_007, 16_731_757, 16_696_429, 16_651_044, 16_595_628, 16_530_216, 16_454_846,
        16_369_565, 16_274_424, 16_169_479, 16_054_795, 15_930_439, 15_796_488, 15_653_022, 15_500_126, 15_337_895,
        15_166_424, 14_985_817, 14_796_184, 14_597_637, 14_390_298, 14_174_291, 13_949_745, 13_716_797, 13_475_586,
        13_226_258, 12_968_963, 12_703_856, 12_431_097, 12_150_850, 11_863_283, 11_568_571, 11_266_890, 10_958_422,
        10_643_353, 10_321_873, 9_994_176, 9_660_458, 9_320_922, 8_975_771, 8_625_213, 8_269_459, 7_908_725,
        7_543_226, 7_173_184, 6_798_821, 6_420_363, 6_038_037, 5_652_074, 5_262_706, 4_870_169, 4_474_698,
        4_076_531, 3_675_909, 3_273_072, 2_868_265, 2_461_729, 2_053_710, 1_644_455, 1_234_209, 823_219,
        411_733, 0,
    ]

    /// cos(π (i + 1)(2 k + 1) / 128) for i below 16 and k below 64.
    package static func cosine(_ i: Int, _ k: Int) -> Int64 { all[i * LumaBlock.side + k] }

    private static let all: [Int64] = (0..<FrequencyBlock.side * LumaBlock.side).map { place in
        let angle = (place / LumaBlock.side + 1) * (2 * (place % LumaBlock.side) + 1) % 256
        let folded = min(angle, 256 - angle)
        return folded <= 64 ? quarter[folded] : -quarter[128 - folded]
    }
}
