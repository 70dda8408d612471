/// faiss, asked by a Python script of ours, one query at a time on one thread.
///
/// Its times are divided by our scan's, which was timed a little earlier.
struct Faiss: Peer {
    let python: String
    let script: String

    private struct Line: Decodable {
        let kind: String
        let operation: String
        let argument: Int
        let system: String
        let settings: String
        let microseconds: Double
    }

    func figures(
        _ cells: [QueryCell], of set: CodeSet, in files: SetFiles
    ) throws -> [(cell: Int, column: String, figure: PeerFigure)] {
        guard set.codes.count <= 20_000_000 else { return [] }
        let asked = cells.indices.filter { cells[$0].group == 1 }
        let questions = asked.map { "\(cells[$0].kind):\(word(cells[$0].operation))" }
        let output = try Subprocess.run("/usr/bin/env", [python, script, files.directory, set.name] + questions)
        return decodeLines(output, as: Line.self).flatMap { line in
            asked.filter {
                "\(line.kind):\(line.operation):\(line.argument)" == "\(cells[$0].kind):\(word(cells[$0].operation))"
            }
            .map { index in
                let figure = PeerFigure(
                    microseconds: line.microseconds, multiple: line.microseconds / cells[index].flat.median,
                    settings: line.settings)
                return (index, line.system, figure)
            }
        }
    }

    private func word(_ operation: Operation) -> String {
        switch operation {
        case .nearest(let count): "nearest:\(count)"
        case .within(let radius): "within:\(radius)"
        }
    }
}
