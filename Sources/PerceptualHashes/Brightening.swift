/// The difference hash of a block: 8 rows of 9 cells, and whether each is darker than its right neighbour.
///
/// A cell is 8 samples high and 64/9 wide; samples on its borders count in parts, and all is multiplied by 9 to stay in integers.
struct Brightening {
    private static let rows = 8
    private static let columns = 9

    /// A byte a row; its highest bit is 1 where the second cell is brighter than the first.
    let bytes: [UInt8]

    init(_ block: LumaBlock) {
        bytes = (0..<Self.rows).map { row in
            let cells = Self.cells(ofRow: row, block)
            return (1..<Self.columns).reduce(UInt8(0)) { $0 << 1 | (cells[$1] > cells[$1 - 1] ? 1 : 0) }
        }
    }

    private static func cells(ofRow row: Int, _ block: LumaBlock) -> [Int64] {
        let height = LumaBlock.side / rows
        var cells = [Int64](repeating: 0, count: columns)
        for column in 0..<LumaBlock.side {
            let sum = (row * height..<(row + 1) * height).reduce(Int64(0)) {
                $0 + Int64(block.samples[$1 * LumaBlock.side + column])
            }
            // In ninths of a sample this one is from 9 c to 9 c + 9, and cell n from 64 n to 64 n + 64.
            let (first, last) = (columns * column, columns * (column + 1))
            for cell in first / LumaBlock.side...(last - 1) / LumaBlock.side {
                let begin = max(first, cell * LumaBlock.side)
                let end = min(last, (cell + 1) * LumaBlock.side)
                cells[cell] += sum * Int64(end - begin)
            }
        }
        return cells
    }
}
