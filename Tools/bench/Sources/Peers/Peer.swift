import Foundation

/// Another program that answers the same questions on the same files.
protocol Peer {
    /// Its figures for the cells of a set, whose files are written: by column, for the cells' indices.
    func figures(_ cells: [QueryCell], of set: CodeSet, in files: SetFiles) throws -> [(
        cell: Int, column: String, figure: PeerFigure
    )]
}

/// Lines of JSON, each decoded by itself; lines of something else are left out.
func decodeLines<Line: Decodable>(_ text: String, as type: Line.Type) -> [Line] {
    let decoder = JSONDecoder()
    return text.split(separator: "\n").compactMap { try? decoder.decode(type, from: Data($0.utf8)) }
}
