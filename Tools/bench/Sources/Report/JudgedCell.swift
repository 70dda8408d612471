/// A figure that the engine is held to.
struct JudgedCell: Codable {
    enum Unit: String, Codable {
        /// Multiples of the flat scan; less is better.
        case scans
        case bytes
        case milliseconds
        /// More is better.
        case codesPerSecond
        /// How many times as fast; more is better.
        case speedup
    }

    let title: String
    let unit: Unit
    /// What must be reached; nil: there is nothing to hold the figure to.
    let reach: Double?
    /// What would be better still.
    let aim: Double?
    let measured: Double?
    /// The cell of the query it is about: its set, kind and operation.
    var cell: QueryCell?
    var note: String?

    /// `aim`, `yes`, `NO`, or a dash where nothing was measured.
    var verdict: String {
        guard let measured, let reach, let aim else { return "–" }
        let isBetter: (Double) -> Bool = {
            unit == .codesPerSecond || unit == .speedup ? measured >= $0 : measured <= $0
        }
        return isBetter(aim) ? "aim" : isBetter(reach) ? "yes" : "NO"
    }

    /// A value in the cell's unit.
    func text(_ value: Double?) -> String {
        guard let value else { return "–" }
        return switch unit {
        case .scans: Format.multiple(value)
        case .bytes: Format.number(value)
        case .milliseconds: "\(Format.number(value)) ms"
        case .speedup: "\(Format.number(value)) ×"
        case .codesPerSecond: "\(Format.count(value))/s"
        }
    }
}
