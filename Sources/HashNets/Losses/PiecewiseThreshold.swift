/// The piece-wise threshold g of DNNH's divide-and-encode module (Lai et al., CVPR 2015, section 3.3), which draws
/// codes to 0 and 1 in training:
///
///     g(c) = 0 if c < 0.5 − ε;  c if |c − 0.5| ≤ ε;  1 if c > 0.5 + ε
///
/// with derivative 1 inside the band and 0 outside. At ε = 0.5 it is the identity on [0, 1]; the paper lowers ε by a
/// fifth every 20,000 steps. Bits outside the band learn nothing: shrink ε late and slowly.
package struct PiecewiseThreshold: Hashable, Sendable {
    /// ε, half the band's width.
    package let band: Float

    /// At band 0.5 values of [0, 1] pass unchanged.
    package init(band: Float = 0.5) {
        self.band = band
    }

    /// The band after `step` steps of a schedule that multiplies it by `factor` every `interval` steps; an interval of
    /// 0 leaves it at 0.5.
    package init(step: Int, interval: Int, factor: Float = 0.8) {
        var band: Float = 0.5
        if interval > 0 {
            for _ in 0..<(step / interval) { band *= factor }
        }
        self.init(band: band)
    }

    /// g(c).
    package func callAsFunction(_ value: Float) -> Float {
        if value < 0.5 - band { return 0 }
        return value > 0.5 + band ? 1 : value
    }

    /// g′(c).
    package func derivative(_ value: Float) -> Float {
        abs(value - 0.5) <= band ? 1 : 0
    }
}
