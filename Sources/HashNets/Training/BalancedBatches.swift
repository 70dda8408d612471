/// Batches with equally many images of each class: P classes × K images, as in-batch triplets need them.
///
/// In an epoch every image of equally large classes comes once; small classes come round more often. Where there are
/// too many classes for two images of each, a batch takes as many classes as fit, in turn.
package struct BalancedBatches {
    /// For each class its images' indices.
    let classes: [[Int]]
    /// Images of a batch.
    let size: Int
    /// P, classes of a batch.
    let classesPerBatch: Int
    /// Batches of an epoch.
    let count: Int

    package init(classes: [[Int]], size: Int) {
        self.classes = classes
        self.size = size
        classesPerBatch = min(classes.count, max(size / 2, 1))
        count = max(1, classes.reduce(0) { $0 + $1.count } / size)
    }

    /// The batches of an epoch, each `size` indices; equal seeds give equal batches.
    package func epoch(seed: UInt64) -> [[Int]] {
        var generator = SeededGenerator(seed: seed)
        var queues = classes.map { ClassQueue(indices: $0.shuffled(using: &generator)) }
        let order = Array(classes.indices).shuffled(using: &generator)
        var turn = 0
        return (0..<count).map { _ in
            let chosen = (0..<classesPerBatch).map { order[(turn + $0) % order.count] }
            // The first classes get one image more where the size is no multiple; the turn moves on, so all do.
            let batch = (0..<size).map { queues[chosen[$0 % classesPerBatch]].next(using: &generator) }
            turn += classesPerBatch + size % classesPerBatch
            return batch
        }
    }

    /// A class's images in random order, again and again.
    private struct ClassQueue {
        var indices: [Int]
        var position = 0

        mutating func next(using generator: inout SeededGenerator) -> Int {
            if position == indices.count {
                indices.shuffle(using: &generator)
                position = 0
            }
            position += 1
            return indices[position - 1]
        }
    }
}
