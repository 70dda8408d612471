/// Images of one size with a class each, or with several labels each: what training and evaluation take.
public struct LabelledImages: Sendable {
    /// Images × rows × columns × channels, 8-bit sRGB or grey.
    public var pixels: [UInt8]
    /// The class of each image, an index of `classNames`.
    public var labels: [Int]
    /// All labels of each image, indices of `classNames`, where images have several: two images are alike if they share
    /// one. Empty where images have one class each.
    public var labelSets: [Set<Int>] = []
    /// The classes.
    public var classNames: [String]
    /// The size of every image.
    public var shape: ImageShape
    /// For each image whether it belongs to the data's own part for tests; empty where the data has no such part.
    public var isTest: [Bool]

    /// Joins what belongs together; training and evaluation check that the sizes agree.
    public init(
        pixels: [UInt8], labels: [Int], classNames: [String], shape: ImageShape, isTest: [Bool] = []
    ) {
        self.pixels = pixels
        self.labels = labels
        self.classNames = classNames
        self.shape = shape
        self.isTest = isTest
    }

    /// Joins images that have several labels each, or none.
    public init(pixels: [UInt8], labelSets: [Set<Int>], classNames: [String], shape: ImageShape) {
        self.init(
            pixels: pixels, labels: labelSets.map { $0.min() ?? 0 }, classNames: classNames, shape: shape)
        self.labelSets = labelSets
    }

    /// Whether images have sets of labels.
    public var haveSeveralLabels: Bool { !labelSets.isEmpty }

    /// Whether two images count as alike: one class, or a label in common.
    public func areAlike(_ first: Int, _ second: Int) -> Bool {
        haveSeveralLabels ? !labelSets[first].isDisjoint(with: labelSets[second]) : labels[first] == labels[second]
    }

    /// Images in all.
    public var count: Int { labels.count }

    /// The images with these indices, in their order.
    public func subset(_ indices: [Int]) -> LabelledImages {
        var chosen: [UInt8] = []
        chosen.reserveCapacity(indices.count * shape.count)
        for index in indices { chosen += pixels[index * shape.count..<(index + 1) * shape.count] }
        var subset = LabelledImages(
            pixels: chosen, labels: indices.map { labels[$0] }, classNames: classNames, shape: shape,
            isTest: isTest.isEmpty ? [] : indices.map { isTest[$0] })
        if haveSeveralLabels { subset.labelSets = indices.map { labelSets[$0] } }
        return subset
    }

    /// Which images are similar: those of one class, or with a label in common.
    package var similarity: SimilarityGroups {
        haveSeveralLabels ? SimilarityGroups(labelSets: labelSets) : SimilarityGroups(labels: labels)
    }

    /// For each class the indices of its images, ascending; one class of all where images have several labels.
    package var indicesOfClasses: [[Int]] {
        if haveSeveralLabels { return [Array(labels.indices)] }
        var indices = [[Int]](repeating: [], count: classNames.count)
        for (index, label) in labels.enumerated() { indices[label].append(index) }
        return indices
    }

    /// Throws `labelledImagesInvalid` where pixels, labels and names do not fit one another.
    package func check() throws {
        guard shape.channels == 1 || shape.channels == 3, shape.width >= 1, shape.height >= 1 else {
            throw LearningError.labelledImagesInvalid(reason: "images of \(shape); they must be grey or RGB")
        }
        guard pixels.count == count * shape.count else {
            throw LearningError.labelledImagesInvalid(
                reason: "\(pixels.count) bytes of pixels for \(count) images of \(shape)")
        }
        guard labelSets.isEmpty || labelSets.count == count else {
            throw LearningError.labelledImagesInvalid(reason: "\(labelSets.count) sets of labels for \(count) images")
        }
        guard labels.allSatisfy(classNames.indices.contains),
            labelSets.allSatisfy({ $0.allSatisfy(classNames.indices.contains) })
        else {
            throw LearningError.labelledImagesInvalid(reason: "a label is not one of the \(classNames.count) classes")
        }
        guard isTest.isEmpty || isTest.count == count else {
            throw LearningError.labelledImagesInvalid(
                reason: "parts are given for \(isTest.count) of \(count) images")
        }
    }
}
