/// How a query is to be answered. Every plan gives the same answer.
public enum QueryPlan: String, Sendable, CaseIterable, Codable {
    /// By whichever of the two costs less, changing over in the middle if need be.
    case automatic = "auto"
    /// By probing buckets, wherever there are any.
    case probe
    /// By comparing with every code.
    case scan
}
