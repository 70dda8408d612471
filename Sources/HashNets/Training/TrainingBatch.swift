/// What one step computes with, made ahead of it on other threads.
struct TrainingBatch: Sendable {
    /// For each row of the batch the labelled image it shows, or nil for an unlabelled one.
    var items: [Int?]
    /// Normalised images, as many as `items`; in consistency training the unlabelled rows are filled in after the guesses.
    var planes: [Float]
    /// Unlabelled images, weakly changed for the guesses, and strongly changed to be learned from.
    var candidates: (weak: [Float], strong: [Float]) = ([], [])

    /// Puts candidates, one after the other, into the unlabelled rows.
    mutating func fill(_ chosen: [Int]) {
        let size = planes.count / max(items.count, 1)
        let rows = items.indices.filter { items[$0] == nil }
        for (row, candidate) in zip(rows, chosen) {
            planes.replaceSubrange(
                row * size..<(row + 1) * size, with: candidates.strong[candidate * size..<(candidate + 1) * size])
        }
    }
}
