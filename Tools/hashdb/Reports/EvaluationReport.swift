import CodeFiles
import Drawings
import HashNets

/// What an evaluation found, with all that is needed to compare it with others.
struct EvaluationReport {
    let model: HashModel
    let plan: EvaluationPlan
    let seed: UInt64
    let measures: RetrievalEvaluation.Measures
    /// The model's own codes first.
    let measured: [(codes: ComparedCodes, evaluation: RetrievalEvaluation)]
    let labelAccuracy: Double?

    /// What the figures are of, and a table of them with a column for each kind of codes.
    var text: String {
        let head = [
            ("model", "\(model.name) (fingerprint \(model.fingerprint))"),
            ("learned", model.metadata["supervision"] ?? "unknown"),
            ("arithmetic", model.arithmetic.name),
            ("protocol", protocolText),
            ("split", "seed \(seed), fingerprint \(plan.split.fingerprint)"),
        ]
        let others = measured.dropFirst().filter { $0.codes.fingerprint != model.fingerprint }.map {
            ($0.codes.name, "\($0.codes.bits) bits\($0.codes.note) (fingerprint \($0.codes.fingerprint))")
        }
        let lines = (head + others).map { filled($0, 12) + $1 }
        let columns = measured.map { max(8, $0.codes.name.count + 2) }
        let names = zip(measured, columns).map { padded($0.codes.name, $1) }.joined()
        let table = rows.map { name, values in
            filled(name, 24) + zip(values, columns).map { padded($0, $1) }.joined()
        }
        let accuracy = labelAccuracy.map { ["\(filled("label accuracy", 24))\(padded(fixedPoint($0), columns[0]))"] }
        return (lines + ["", filled("", 24) + names] + table + (accuracy ?? [])).joined(separator: "\n")
    }

    /// The figures, one for each kind of codes.
    private var rows: [(name: String, values: [String])] {
        let all = measured.map(\.evaluation)
        var rows = [
            ("MAP", all.map { fixedPoint($0.overall.tiesAveraged) }),
            ("MAP, ties by id", all.map { fixedPoint($0.overall.tiesByID) }),
        ]
        if let top = measures.top {
            rows.append(("MAP of the first \(top)", all.map { fixedPoint($0.atTop?.tiesAveraged ?? 0) }))
            rows.append(("  ties by id", all.map { fixedPoint($0.atTop?.tiesByID ?? 0) }))
        }
        rows.append(
            (
                "precision, radius 2",
                measured.map { $0.codes.isOneHot ? "–" : fixedPoint($0.evaluation.precisionWithinRadius2) }
            ))
        for length in Set(measures.lengths).sorted() {
            rows.append(("precision, first \(length)", all.map { fixedPoint($0.precisionAt[length] ?? 0) }))
        }
        return rows
    }

    private var protocolText: String {
        let queries = "\(plan.task.queries.count) queries, database of \(plan.task.database.count)"
        let labelled: String
        switch plan.method {
        case .p1: labelled = ", \(plan.split.labelled.count) of them labelled"
        case .p1b: labelled = ", \(plan.split.labelled.count) labelled ones left out"
        case .p2: labelled = model.metadata["labelled"].map { ", \($0) of them labelled" } ?? ""
        case .unseen:
            let unseen = model.learnedClasses == nil ? "; what was learned is not known" : " unseen in training"
            labelled = ", of \(plan.images.classNames.count) classes\(unseen)"
        }
        let relevant = plan.images.haveSeveralLabels ? "; relevant: a label in common" : ""
        return "\(plan.method.name): \(queries)\(labelled)\(relevant)"
    }

    /// A line above a plot.
    var title: String { "\(model.name): \(protocolText)" }

    /// The curves by name.
    var curves: [(name: String, curve: PrecisionRecallCurve)] {
        measured.map { ($0.codes.name, $0.evaluation.curve) }
    }

    /// One object with the same values.
    var json: JSONValue {
        .object(
            [
                .init("model", .string(model.name)),
                .init("fingerprint", .string(model.fingerprint)),
                .init("bits", .integer(model.bitCount)),
                .init("supervision", model.metadata["supervision"].map { .string($0) } ?? .null),
                .init("arithmetic", .string(model.arithmetic.name)),
                .init("protocol", .string(plan.method.rawValue)),
                .init("queries", .integer(plan.task.queries.count)),
                .init("database", .integer(plan.task.database.count)),
                .init("labelled", .integer(plan.split.labelled.count)),
                .init("classes", .integer(plan.images.classNames.count)),
                .init("seed", .unsigned(seed)),
                .init("split", .string(plan.split.fingerprint)),
            ] + members(measured[0].codes, measured[0].evaluation) + [
                .init("label_accuracy", labelAccuracy.map { .number($0) } ?? .null),
                .init(
                    "beside",
                    .array(measured.dropFirst().map { .object(members($0.codes) + members($0.codes, $0.evaluation)) })),
            ])
    }

    private func members(_ codes: ComparedCodes) -> [JSONValue.Member] {
        [
            .init("codes", .string(codes.name)), .init("fingerprint", .string(codes.fingerprint)),
            .init("bits", .integer(codes.bits)),
        ]
    }

    private func members(_ codes: ComparedCodes, _ evaluation: RetrievalEvaluation) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("map", .number(evaluation.overall.tiesAveraged)),
            .init("map_ties_by_id", .number(evaluation.overall.tiesByID)),
        ]
        if let top = measures.top, let atTop = evaluation.atTop {
            members.append(
                .init(
                    "top",
                    [
                        "length": .integer(top), "map": .number(atTop.tiesAveraged),
                        "map_ties_by_id": .number(atTop.tiesByID),
                    ]))
        }
        let precisions = evaluation.precisionAt.sorted { $0.key < $1.key }.map {
            JSONValue.Member("\($0.key)", .number($0.value))
        }
        return members + [
            .init("precision_radius_2", codes.isOneHot ? .null : .number(evaluation.precisionWithinRadius2)),
            .init("precision_at", .object(precisions)),
        ]
    }
}

extension EvaluationProtocol {
    /// As people write it.
    var name: String {
        switch self {
        case .p1: "P1"
        case .p1b: "P1b"
        case .p2: "P2"
        case .unseen: "unseen classes"
        }
    }
}
