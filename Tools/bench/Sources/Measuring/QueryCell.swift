import HashDB

/// What one question took on one set: a cell of the table.
struct QueryCell: Codable {
    let set: String
    let kind: String
    let operation: Operation
    /// How many codes were asked at once.
    let group: Int
    /// The flat scan, one query; k-NN or range alike.
    let flat: Times.Summary
    /// The engine by plan (`auto`, `probe`, `scan`).
    let plans: [String: Times.Summary]
    /// How many answers were compared; in all of them every id and distance was right, as the run ends where one is not.
    let answersChecked: Int
    /// The others, by name, as multiples of a flat scan.
    var peers: [String: PeerFigure] = [:]

    /// A plan's median as a multiple of the flat scan's.
    func multiple(_ plan: QueryPlan = .automatic) -> Double? {
        plans[plan.rawValue].map { $0.median / flat.median }
    }

    /// The engine's multiple, left to itself, by the prototype's: less than 1 is faster.
    var byPrototype: Double? {
        guard let own = multiple(), let other = peers[Prototype.column]?.multiple else { return nil }
        return own / other
    }
}

/// How another program did.
struct PeerFigure: Codable {
    let microseconds: Double
    /// As a multiple of a flat scan.
    let multiple: Double
    /// What it was set to.
    let settings: String
}
