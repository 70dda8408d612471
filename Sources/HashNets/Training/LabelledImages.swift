/// Images of one size with a class each: what training and evaluation take.
public struct LabelledImages: Sendable {
    /// Images × rows × columns × channels, 8-bit sRGB or grey.
    public var pixels: [UInt8]
    /// The class of each image, an index of `classNames`.
    public var labels: [Int]
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

    /// Images in all.
    public var count: Int { labels.count }

    /// The images with these indices, in their order.
    public func subset(_ indices: [Int]) -> LabelledImages {
        var chosen: [UInt8] = []
        chosen.reserveCapacity(indices.count * shape.count)
        for index in indices { chosen += pixels[index * shape.count..<(index + 1) * shape.count] }
        return LabelledImages(
            pixels: chosen, labels: indices.map { labels[$0] }, classNames: classNames, shape: shape,
            isTest: isTest.isEmpty ? [] : indices.map { isTest[$0] })
    }

    /// Which images are similar: those of one class.
    package var similarity: SimilarityGroups { SimilarityGroups(labels: labels) }

    /// For each class the indices of its images, ascending.
    package var indicesOfClasses: [[Int]] {
        var indices = [[Int]](repeating: [], count: classNames.count)
        for (index, label) in labels.enumerated() { indices[label].append(index) }
        return indices
    }

    /// Throws `labelledImagesInvalid` where pixels, labels and names do not fit one another.
    package func check() throws {
        guard pixels.count == count * shape.count else {
            throw LearningError.labelledImagesInvalid(
                reason: "\(pixels.count) bytes of pixels for \(count) images of \(shape)")
        }
        guard labels.allSatisfy(classNames.indices.contains) else {
            throw LearningError.labelledImagesInvalid(reason: "a label is not one of the \(classNames.count) classes")
        }
        guard isTest.isEmpty || isTest.count == count else {
            throw LearningError.labelledImagesInvalid(
                reason: "parts are given for \(isTest.count) of \(count) images")
        }
    }
}
