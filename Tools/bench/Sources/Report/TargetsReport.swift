import HashDB

/// The table of targets to paste into documents.
struct TargetsReport {
    private let cells: [JudgedCell]

    init(_ cells: [JudgedCell]) { self.cells = cells }

    var markdown: String {
        var lines = [
            "| cell | reach | aim | measured | reached | µs | scan µs |", "| --- | --: | --: | --: | --- | --: | --: |",
        ]
        for cell in cells {
            let columns = [
                cell.title, cell.text(cell.reach), cell.text(cell.aim), cell.text(cell.measured), cell.verdict,
                Format.microseconds(cell.cell?.plans[QueryPlan.automatic.rawValue]?.median),
                Format.microseconds(cell.cell?.flat.median),
            ]
            lines.append("| \(columns.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
