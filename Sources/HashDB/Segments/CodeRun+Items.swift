// A run as a place where single items are put and found.

extension CodeRun {
    mutating func append(_ id: UInt64, _ code: BinaryCode) {
        ids.append(id)
        shape.append(code, to: &codes)
    }

    /// Adds the rows of another run after its own, whatever their ids.
    mutating func append(_ other: CodeRun) {
        ids += other.ids
        codes += other.codes
    }

    mutating func replaceCode(ofRow row: Int, by code: BinaryCode) {
        let start = row * shape.stride
        code.withUnsafeBytes { codes.replaceSubrange(start..<start + shape.byteCount, with: $0) }
    }

    func code(ofRow row: Int) throws -> BinaryCode {
        try BinaryCode(bytes: codes[row * shape.stride..<row * shape.stride + shape.byteCount])
    }

    /// The row of an id, or nil if there is none.
    ///
    /// - Precondition: the ids ascend.
    func row(ofID id: UInt64) -> Int? {
        let row = partition(0, count) { ids[$0] >= id }
        return row < count && ids[row] == id ? row : nil
    }

    /// Some of the rows.
    subscript(rows: Range<Int>) -> CodeRun {
        var run = CodeRun(shape: shape)
        run.ids = Array(ids[rows])
        run.codes = Array(codes[rows.lowerBound * shape.stride..<rows.upperBound * shape.stride])
        return run
    }

    /// The rows for which `isWanted` holds.
    func filter(_ isWanted: (Int) -> Bool) -> CodeRun {
        var run = CodeRun(shape: shape)
        run.reserve(count)
        codes.withUnsafeBytes { codes in
            guard let base = codes.baseAddress else { return }
            for row in 0..<count where isWanted(row) { run.append(ids[row], codeAt: base + row * shape.stride) }
        }
        return run
    }
}
