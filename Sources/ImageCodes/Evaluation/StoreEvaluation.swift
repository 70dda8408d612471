import HashDB
import HashNets

extension RetrievalEvaluation {
    /// Measures codes by what a store answers: the database's codes are loaded into a store of their own, which
    /// nobody else sees, and each query is put to it.
    ///
    /// The figures are those of the same evaluation in memory, to the last digit. Each query is asked twice, for all items in
    /// order and for those within 2 bits, so that scan and index are both at work.
    ///
    /// - Parameters:
    ///   - codes: packed codes of all images of which the task speaks, `codeBytes` a code, at most 128.
    ///   - progress: hears how many queries are done.
    /// - Throws: `HashDBError`; `ImageCodesError.codesMissing`; `ImageCodesError.answersDiffer` if the two answers do not agree, which no measurement survives.
    public init(
        searchingStoreFor task: RetrievalTask, codes: [UInt8], codeBytes: Int, measures: Measures = Measures(),
        progress: (Int) -> Void = { _ in }
    ) throws {
        let store = try Store.temporary(bitWidth: max(0, min(codeBytes, 1 << 20)) * 8)
        let last = max(task.queries.max() ?? -1, task.database.max() ?? -1)
        guard last < codes.count / codeBytes else {
            throw ImageCodesError.codesMissing(count: codes.count / codeBytes, of: last)
        }
        let database = RetrievalTask.codes(of: task.database, in: codes, codeBytes: codeBytes)
        try store.bulkLoad { try $0.append(packedCodes: database) }
        var meter = RetrievalMeter(task, bits: 8 * codeBytes, measures: measures)
        let queries = try task.queries.map { try BinaryCode(bytes: codes[$0 * codeBytes..<($0 + 1) * codeBytes]) }
        try store.read { snapshot in
            // An answer holds the whole database.
            let atOnce = max(1, min(64, (1 << 26) / max(1, 16 * task.database.count)))
            for start in stride(from: 0, to: queries.count, by: atOnce) {
                let some = Array(queries[start..<min(start + atOnce, queries.count)])
                let answers = try snapshot.nearest(to: some, count: max(1, task.database.count))
                for (place, all) in answers.enumerated() {
                    let near = try snapshot.within(radius: 2, of: some[place])
                    guard all.prefix(near.count).elementsEqual(near), all.count == task.database.count,
                        all.dropFirst(near.count).first.map({ $0.distance > 2 }) ?? true
                    else { throw ImageCodesError.answersDiffer(query: start + place) }
                    meter.add(all.map { (id: Int($0.id), distance: $0.distance) }, toQuery: start + place)
                }
                progress(start + some.count)
            }
        }
        self = meter.evaluation
    }
}
