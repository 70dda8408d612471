import HashDB

// What came back of what was dropped.

extension DuplicateSearch {
    /// The files that are back: each once, though it may be like many that were dropped. Of those, one of the same bytes is named, or else the
    /// nearest.
    func returned(_ snapshot: borrowing Snapshot, _ roots: ImageRoots) throws -> [DuplicateReport.Returned] {
        var best: [ImagePath: Return] = [:]
        func add(_ record: ImageRecord, _ dropped: DroppedImage, distance: Int) {
            let new = Return(
                isSame: record.content == dropped.content, distance: distance, formerPath: dropped.path)
            for path in roots.paths(of: record) where isInScope(path) {
                if best[path].map({ new.precedes($0) }) ?? true { best[path] = new }
            }
        }
        for dropped in try snapshot.dropped() {
            // What only the collection of another model knows the code of is known by its content.
            guard dropped.code.bitWidth == snapshot.bitWidth else {
                if let image = try snapshot.image(with: dropped.content) { add(image.record, dropped, distance: 0) }
                continue
            }
            for match in try snapshot.within(radius: tier >= .near ? radius : 0, of: dropped.code) {
                guard let record = try snapshot.imageRecord(of: match.id) else { continue }
                // What was near when it was dropped is what was kept instead.
                let isNear = tier >= .near && match.id > dropped.largestID && !record.isOfLowQuality
                if record.content == dropped.content || isNear { add(record, dropped, distance: match.distance) }
            }
        }
        return best.map { .init(path: $0, formerPath: $1.formerPath, distance: $1.distance) }
            .sorted { $0.path < $1.path }
    }

    /// What a file that is back is to one that was dropped.
    private struct Return {
        var isSame: Bool
        var distance: Int
        var formerPath: ImagePath

        func precedes(_ other: Return) -> Bool {
            if isSame != other.isSame { return isSame }
            return (distance, formerPath) < (other.distance, other.formerPath)
        }
    }
}
