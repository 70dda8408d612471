import CodeFiles
import HashNets

/// What an evaluation found, with all that is needed to compare it with others.
struct EvaluationReport {
    let model: HashModel
    let split: ProtocolSplit
    let seed: UInt64
    let evaluation: RetrievalEvaluation

    /// A table of names and values.
    var text: String {
        var rows = [
            ("model", "\(model.name) (fingerprint \(model.fingerprint))"),
            ("learned", model.metadata["supervision"] ?? "unknown"),
            ("protocol", "\(evaluation.queryCount) queries, database of \(split.database.count), ties averaged"),
            ("split", "seed \(seed), fingerprint \(split.fingerprint)"),
            ("MAP", Self.decimal(evaluation.meanAveragePrecision)),
            ("radius 2", "precision \(Self.decimal(evaluation.precisionWithinRadius2))"),
        ]
        for (length, precision) in evaluation.precisionAt.sorted(by: { $0.key < $1.key }) {
            rows.append(("first \(length)", "precision \(Self.decimal(precision))"))
        }
        return rows.map { name, value in
            name + String(repeating: " ", count: 12 - name.count) + value
        }.joined(separator: "\n")
    }

    /// One object with the same values.
    var json: JSONValue {
        [
            "model": .string(model.name),
            "fingerprint": .string(model.fingerprint),
            "bits": .integer(model.bitCount),
            "supervision": model.metadata["supervision"].map { .string($0) } ?? .null,
            "queries": .integer(evaluation.queryCount),
            "database": .integer(split.database.count),
            "seed": .unsigned(seed),
            "split": .string(split.fingerprint),
            "map": .number(evaluation.meanAveragePrecision),
            "precision_radius_2": .number(evaluation.precisionWithinRadius2),
            "precision_at": .object(
                evaluation.precisionAt.sorted { $0.key < $1.key }.map { .init("\($0.key)", .number($0.value)) }
            ),
        ]
    }

    /// Four digits after the point, the same in every locale.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        let parts = Int((value.magnitude * 10_000).rounded())
        let digits = String(parts % 10_000)
        let sign = value < 0 ? "-" : ""
        return "\(sign)\(parts / 10_000).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }
}
