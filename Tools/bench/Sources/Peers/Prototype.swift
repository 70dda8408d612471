import Foundation

/// The throw-away prototypes of multi-index hashing in memory, compiled from a folder that has `proto.c`, `proto256.c` and `scan.c`.
///
/// They time `scan.c` beside themselves, so their multiples are of that scan, which is as fast as ours. Of the settings tried the best is
/// taken; ties are met as far as the k-th, as the engine must.
struct Prototype: Peer {
    static let column = "prototype"
    private let directory: String

    /// Compiles the programs into `directory`.
    init(sources: String, directory: String) throws {
        self.directory = directory
        for name in ["proto", "proto256"] {
            _ = try Subprocess.run(
                "/usr/bin/env",
                [
                    "cc", "-w", "-O3", "-march=native", "-o", "\(directory)/\(name)", "\(sources)/\(name).c",
                    "\(sources)/scan.c",
                ])
        }
    }

    private struct Line: Decodable {
        let q: String
        let par: String
        let op: String
        let k: Int?
        let r: Int?
        let us: Double
        let exact: Double
        let floor: Double?
        let floor_range: Double?
    }

    func figures(
        _ cells: [QueryCell], of set: CodeSet, in files: SetFiles
    ) throws -> [(cell: Int, column: String, figure: PeerFigure)] {
        var best: [Int: PeerFigure] = [:]
        for line in try lines(set, files) where line.exact == 1 {
            guard let floor = line.floor ?? line.floor_range, floor > 0 else { continue }
            let operation = line.op == "range" ? line.r.map(Operation.within) : line.k.map(Operation.nearest)
            let figure = PeerFigure(microseconds: line.us, multiple: line.us / floor, settings: line.par)
            for (index, cell) in cells.enumerated()
            where cell.kind == line.q && cell.operation == operation
                && figure.multiple < best[index]?.multiple ?? .infinity
            {
                best[index] = figure
            }
        }
        return best.map { ($0.key, Self.column, $0.value) }
    }

    private func lines(_ set: CodeSet, _ files: SetFiles) throws -> [Line] {
        let output = "\(directory)/prototype.jsonl"
        defer { try? FileManager.default.removeItem(atPath: output) }
        switch set.codes.bitWidth {
        case 256: _ = try Subprocess.run("\(directory)/proto256", [files.directory, set.name, output])
        case 33...64:
            let isBig = set.codes.count > 2_000_000
            guard set.codes.count <= 20_000_000 else { return [] }
            for substrings in isBig ? [3, 4] : [3, 4, 5] {
                for equalOnce in isBig ? ["0"] : ["0", "1"] {
                    _ = try Subprocess.run(
                        "\(directory)/proto",
                        [files.directory, set.name, String(substrings), equalOnce, output, "ties"])
                }
            }
        default: return []
        }
        return decodeLines(try String(contentsOfFile: output, encoding: .utf8), as: Line.self)
    }
}
