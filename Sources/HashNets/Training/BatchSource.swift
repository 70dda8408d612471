import Foundation
import Synchronization

/// Makes the batch of any step: which images, and how they are changed.
///
/// A batch depends on the configuration, the images and the step alone. Images are changed side by side on as many
/// threads as the training may use.
final class BatchSource: Sendable {
    let configuration: TrainingConfiguration
    let preprocessing: Preprocessing
    let steps: TrainingSteps
    private let labelled: LabelledImages
    private let balanced: BalancedBatches
    private let pool: ImagePool
    private let cache = Mutex<[Int: (epoch: Int, batches: [[Int]])]>([:])

    /// - Parameters:
    ///   - labelled: the images whose labels may be used.
    ///   - pool: the unlabelled images; those of recipes without labels, all of them.
    init(
        _ configuration: TrainingConfiguration, labelled: LabelledImages, pool: ImagePool, preprocessing: Preprocessing
    ) {
        self.configuration = configuration
        self.labelled = labelled
        self.pool = pool
        self.preprocessing = preprocessing
        balanced = BalancedBatches(classes: labelled.indicesOfClasses, size: configuration.batch)
        var steps = TrainingSteps(perEpoch: balanced.count, first: 0, perConsistencyEpoch: 0, consistency: 0)
        if !configuration.recipe.isSupervised {
            steps.perEpoch = max(1, pool.count / (configuration.batch / 2))
        } else if pool.count > 0 {
            steps.perConsistencyEpoch = max(1, pool.count / configuration.consistency.candidates)
            steps.consistency = steps.perConsistencyEpoch * configuration.consistency.epochs
        }
        steps.first = steps.perEpoch * configuration.epochs
        self.steps = steps
    }

    /// Rows of a step's batch.
    func size(ofStep step: Int) -> Int {
        steps.isConsistent(step) ? configuration.consistency.batch : configuration.batch
    }

    /// What the network sees at a step.
    func inputShape(ofStep step: Int) -> ImageShape {
        guard !steps.isConsistent(step) else { return labelled.shape }
        return configuration.inputShape(ofEpoch: steps.epoch(of: step), images: labelled.shape)
    }

    /// The batch of a step.
    func batch(step: Int) -> TrainingBatch {
        if steps.isConsistent(step) { return consistencyBatch(step) }
        return configuration.recipe.isSupervised ? labelledBatch(step) : viewsBatch(step)
    }

    // MARK: Which images

    private func labelledBatch(_ step: Int) -> TrainingBatch {
        let epoch = steps.epoch(of: step)
        let items = cached([0, epoch]) { balanced.epoch(seed: mixed(configuration.seed, epoch)) }[steps.place(of: step)]
        let isEarly = Double(epoch) < configuration.strongShare * Double(configuration.epochs)
        let isStrong = isEarly && !step.isMultiple(of: 2)
        let views = items.map { View(image: $0, isLabelled: true, isStrong: isStrong) }
        return TrainingBatch(items: items, planes: planes(views, input: inputShape(ofStep: step), seeds: [step]))
    }

    /// Each image twice, one view after the other, so that every part of the batch has both. Of a pool smaller than that an image may
    /// come again, as the same item: it is no negative of its own.
    private func viewsBatch(_ step: Int) -> TrainingBatch {
        let images = poolImages(step, count: configuration.batch / 2, key: 1)
        let views = images.flatMap { [View](repeating: View(image: $0, isLabelled: false, isStrong: true), count: 2) }
        return TrainingBatch(
            items: images.flatMap { [$0, $0] }, planes: planes(views, input: labelled.shape, seeds: [step]))
    }

    /// Labelled and unlabelled images spread evenly, so that every part of the batch has its share of both.
    private func consistencyBatch(_ step: Int) -> TrainingBatch {
        let settings = configuration.consistency
        let isStrong = configuration.strongShare == 0 || !step.isMultiple(of: 2)
        var labelledImages = labelledSample(step, count: settings.labelled).makeIterator()
        let items = (0..<settings.batch).map { row -> Int? in
            let isLabelled = (row + 1) * settings.labelled / settings.batch > row * settings.labelled / settings.batch
            return isLabelled ? labelledImages.next() : nil
        }
        let unlabelled = poolImages(step, count: settings.candidates, key: 2)
        let views = items.map { $0.map { View(image: $0, isLabelled: true, isStrong: isStrong) } }
        let weak = unlabelled.map { View(image: $0, isLabelled: false, isStrong: false, isUncut: true) }
        let strong = unlabelled.map { View(image: $0, isLabelled: false, isStrong: true) }
        return TrainingBatch(
            items: items, planes: planes(views, input: labelled.shape, seeds: [step]),
            candidates: (
                planes(weak, input: labelled.shape, seeds: [step, -3]),
                planes(strong, input: labelled.shape, seeds: [step, -6])
            ))
    }

    /// Labelled images for a consistency step: as many of each class as in the first phase's batches.
    private func labelledSample(_ step: Int, count: Int) -> [Int] {
        let batches = BalancedBatches(classes: labelled.indicesOfClasses, size: count)
        let (epoch, place) = (step / batches.count, step % batches.count)
        return cached([3, epoch]) { batches.epoch(seed: mixed(configuration.seed, -4, epoch)) }[place]
    }

    /// Images of the pool: each once in an epoch, in an order of the epoch's own.
    private func poolImages(_ step: Int, count: Int, key: Int) -> [Int] {
        let order = cached([key, steps.epoch(of: step)]) {
            var generator = SeededGenerator(seed: mixed(configuration.seed, -5, key, steps.epoch(of: step)))
            return [Array(0..<pool.count).shuffled(using: &generator)]
        }[0]
        let start = steps.place(of: step) * count
        return (start..<start + count).map { order[$0 % order.count] }
    }

    /// The last value of each kind, made anew where its epoch is another.
    private func cached(_ key: [Int], _ make: () -> [[Int]]) -> [[Int]] {
        if let found = cache.withLock({ $0[key[0]] }), found.epoch == key[1] { return found.batches }
        let batches = make()
        cache.withLock { $0[key[0]] = (key[1], batches) }
        return batches
    }

    // MARK: What they look like

    /// One image of a batch and how it is changed.
    private struct View {
        var image: Int
        var isLabelled: Bool
        var isStrong: Bool
        var isUncut = false
    }

    /// Every image of every step has random numbers of its own. Rows without a view stay zero.
    private func planes(_ views: [View?], input: ImageShape, seeds: [Int]) -> [Float] {
        let seed = seeds.reduce(configuration.seed) { mixed($0, $1) }
        return [Float](unsafeUninitializedCapacity: views.count * input.count) { buffer, initialized in
            nonisolated(unsafe) let buffer = buffer  // each row is written by one iteration
            onThreads(views.count) { row in
                let values = UnsafeMutableBufferPointer(
                    rebasing: buffer[row * input.count..<(row + 1) * input.count])
                guard let view = views[row] else { return values.initialize(repeating: 0) }
                write(view, seed: mixed(seed, row), input: input, into: values)
            }
            initialized = views.count * input.count
        }
    }

    private func write(
        _ view: View, seed: UInt64, input: ImageShape, into values: UnsafeMutableBufferPointer<Float>
    ) {
        var generator = SeededGenerator(seed: seed)
        func change(_ pixels: UnsafeBufferPointer<UInt8>) {
            if view.isStrong, input == labelled.shape {
                configuration.strongAugmentation.apply(
                    pixels, shape: labelled.shape, preprocessing: preprocessing, into: values, using: &generator)
            } else {
                var augmentation = configuration.augmentation
                if view.isUncut { augmentation.cutout = 0 }
                augmentation.apply(
                    pixels, shape: labelled.shape, preprocessing: preprocessing, output: input, into: values,
                    using: &generator)
            }
        }
        guard view.isLabelled else { return pool.withImage(view.image, change) }
        labelled.pixels.withUnsafeBufferPointer { pixels in
            let start = view.image * labelled.shape.count
            change(UnsafeBufferPointer(rebasing: pixels[start..<start + labelled.shape.count]))
        }
    }

    private func onThreads(_ count: Int, _ body: @Sendable (Int) -> Void) {
        let limit = configuration.threads > 0 ? configuration.threads : ProcessInfo.processInfo.activeProcessorCount
        let parts = max(1, min(limit, count / 8))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            for index in part * count / parts..<(part + 1) * count / parts { body(index) }
        }
    }
}
