/// A split of labelled images into queries, labelled training images and the database, equal for equal seeds.
///
/// Protocol P1 of the hashing papers: of each class 100 random queries; all other images are the database; of those,
/// 500 per class are the training images whose labels may be used. Indices refer to the images in the order in which
/// they were given, and can be published.
public struct ProtocolSplit: Hashable, Sendable {
    /// The searched-for images, class by class.
    public let queries: [Int]
    /// The images whose labels training may use, class by class; part of the database.
    public let labelled: [Int]
    /// All images but the queries, ascending.
    public let database: [Int]

    /// Splits by a permutation of each class drawn from the seed: its first images are queries, the next ones labelled.
    ///
    /// Throws `settingInvalid` for negative counts, `tooFewClasses` for fewer than two classes and `tooFewImages` where a class is too small.
    public init(
        _ images: LabelledImages, queriesPerClass: Int = 100, labelledPerClass: Int = 500, seed: UInt64
    ) throws {
        try Self.check(queriesPerClass, labelledPerClass)
        try self.init(images, seed: seed) { _ in (queriesPerClass, labelledPerClass) }
    }

    /// The same, with numbers of queries and labelled images that depend on how many images a class has.
    init(_ images: LabelledImages, seed: UInt64, numbers: (_ count: Int) -> (queries: Int, labelled: Int)) throws {
        try images.check()
        let classes = images.indicesOfClasses
        guard classes.count >= 2 else { throw LearningError.tooFewClasses(found: classes.count) }
        var queries: [Int] = []
        var labelled: [Int] = []
        for (number, indices) in classes.enumerated() {
            let (queriesPerClass, labelledPerClass) = numbers(indices.count)
            let (needed, overflow) = queriesPerClass.addingReportingOverflow(labelledPerClass)
            guard !overflow, indices.count >= needed else {
                throw LearningError.tooFewImages(
                    className: images.classNames[number], needed: overflow ? .max : needed, found: indices.count)
            }
            var generator = SeededGenerator(seed: seed &* 0x1_0000_0001 &+ UInt64(number))
            let order = indices.shuffled(using: &generator)
            queries += order.prefix(queriesPerClass)
            labelled += order.dropFirst(queriesPerClass).prefix(labelledPerClass)
        }
        self.queries = queries
        self.labelled = labelled
        let isQuery = Set(queries)
        database = (0..<images.count).filter { !isQuery.contains($0) }
    }

    /// The data's own parts, protocol P2: images for tests are the queries, all others the database and the labelled
    /// ones. Class by class, as they come.
    ///
    /// Throws `testPartMissing` where the data has no part for tests, and `tooFewClasses`.
    public init(partsOf images: LabelledImages) throws {
        try images.check()
        let classes = images.indicesOfClasses
        guard classes.count >= 2 || images.haveSeveralLabels else {
            throw LearningError.tooFewClasses(found: classes.count)
        }
        let order = classes.flatMap { $0 }
        guard images.isTest.contains(true), images.isTest.contains(false) else { throw LearningError.testPartMissing }
        queries = order.filter { images.isTest[$0] }
        labelled = order.filter { !images.isTest[$0] }
        database = (0..<images.count).filter { !images.isTest[$0] }
    }

    /// Splits images with several labels each by one permutation: the first ones are queries, the next ones labelled, as
    /// many as there are up to these counts.
    ///
    /// Throws `settingInvalid` for negative counts, and `tooFewImages` where fewer than two are left to learn from.
    public init(_ images: LabelledImages, queries: Int, labelled: Int, seed: UInt64) throws {
        try images.check()
        try Self.check(queries, labelled)
        guard queries <= images.count - 2 else {
            let (needed, overflow) = queries.addingReportingOverflow(2)
            throw LearningError.tooFewImages(
                className: "all", needed: overflow ? .max : needed, found: images.count)
        }
        var generator = SeededGenerator(seed: seed)
        let order = Array(0..<images.count).shuffled(using: &generator)
        self.queries = Array(order.prefix(queries))
        self.labelled = Array(order.dropFirst(queries).prefix(max(labelled, 2)))
        database = order.dropFirst(queries).sorted()
    }

    /// Throws `settingInvalid` for negative counts.
    static func check(_ queries: Int, _ labelled: Int) throws {
        try LearningError.require(queries >= 0, "queries", "is \(queries), must not be negative")
        try LearningError.require(labelled >= 0, "labelled images", "is \(labelled), must not be negative")
    }

    /// Throws `labelledImagesInvalid` where these are not the images that were split, each of which is a query or in the database.
    func check(of images: LabelledImages) throws {
        let count = queries.count + database.count
        guard count == images.count else {
            throw LearningError.labelledImagesInvalid(reason: "a split of \(count) images for \(images.count)")
        }
    }

    /// No queries and no labels: all of `count` images are the database.
    init(databaseOf count: Int) {
        queries = []
        labelled = []
        database = Array(0..<count)
    }

    /// A number that tells splits apart, for metadata: FNV-1a over the queries' and labelled images' indices, 16 hex
    /// digits.
    public var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in queries + [-1] + labelled {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash ^= UInt64(bitPattern: Int64(index)) >> UInt64(shift) & 0xFF
                hash &*= 0x100_0000_01B3
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
