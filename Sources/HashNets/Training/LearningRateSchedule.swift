import Foundation

/// How the learning rate changes over a training, as a factor of its peak.
public enum LearningRateSchedule: String, Sendable, CaseIterable {
    /// The peak throughout.
    case constant
    /// Linear warm-up, then half a cosine down to zero.
    case cosine
    /// Linear warm-up from a 25th of the peak, then half a cosine down to zero at the end (Smith and Topin,
    /// "Super-Convergence", 2018, without its cycle of momentum).
    case oneCycle = "one-cycle"
    /// The peak, a tenth of it after 60 % of the steps, a hundredth after 85 %.
    case step

    /// The factor at `step` of `steps`, with the first `warmUp` share of the steps warming up.
    package func factor(step: Int, of steps: Int, warmUp: Double) -> Double {
        let done = Double(step) / Double(max(steps, 1))
        switch self {
        case .constant:
            return 1
        case .step:
            return done < 0.6 ? 1 : done < 0.85 ? 0.1 : 0.01
        case .cosine, .oneCycle:
            if done < warmUp {
                let start = self == .oneCycle ? 0.04 : 0
                return start + (1 - start) * (Double(step) + 1) / (warmUp * Double(max(steps, 1)) + 1)
            }
            return 0.5 * (1 + cos(.pi * min(1, (done - warmUp) / max(1 - warmUp, 1e-9))))
        }
    }
}
