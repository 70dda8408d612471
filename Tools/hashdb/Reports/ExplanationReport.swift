import CodeFiles
import HashDB

/// What a query planned and did, for people and for programs.
struct ExplanationReport {
    private let explanation: QueryExplanation

    init(_ explanation: QueryExplanation) {
        self.explanation = explanation
    }

    /// Some lines for each part of the store.
    var text: String {
        explanation.parts.map { part in
            let name = part.segment.map { "segment \($0)" } ?? "delta"
            var lines = ["  \(name): \(grouped(part.rows)) rows, \(number(part.duration / .microseconds(1))) µs"]
            if let reach = part.expectedReach, let probing = part.expectedProbing {
                let radius = reach > 1024 ? "every distance" : "distance \(reach)"
                lines.append(
                    "    planned  \(radius); probing \(number(probing)) µs, scan \(number(part.expectedScan)) µs")
            }
            let work = part.work
            if work.steps > 0 {
                lines.append(
                    "    probed   \(work.steps) steps, \(grouped(work.probes)) buckets, \(grouped(work.candidates)) entries, "
                        + "\(grouped(work.lookups)) looked up, \(grouped(work.blocksRead)) blocks read")
            }
            if let step = part.switchedBeforeStep { lines.append("    switched to a scan before step \(step)") }
            if work.scanned > 0 { lines.append("    scanned  \(grouped(work.scanned)) codes") }
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// The same as an array of objects.
    var json: JSONValue {
        .array(
            explanation.parts.map { part -> JSONValue in
                [
                    "segment": part.segment.map { .unsigned($0) } ?? .null,
                    "rows": .integer(part.rows),
                    "expected_reach": part.expectedReach.map { .integer($0) } ?? .null,
                    "expected_probing_us": part.expectedProbing.map { .number(rounded($0)) } ?? .null,
                    "expected_scan_us": .number(rounded(part.expectedScan)),
                    "switched_before_step": part.switchedBeforeStep.map { .integer($0) } ?? .null,
                    "steps": .integer(part.work.steps),
                    "buckets": .integer(part.work.probes),
                    "entries": .integer(part.work.candidates),
                    "near": .integer(part.work.near),
                    "lookups": .integer(part.work.lookups),
                    "blocks_read": .integer(part.work.blocksRead),
                    "scanned": .integer(part.work.scanned),
                    "us": .number(rounded(part.duration / .microseconds(1))),
                ]
            })
    }

    private func number(_ value: Double) -> String {
        value < 100 ? "\(rounded(value))" : grouped(Int(value.rounded()))
    }

    /// To a tenth.
    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
