import HashNets
import Testing

/// What all measures of one query are, counted by the book from a list of (distance, id, relevance).
private struct NaiveAnswer {
    var distances: [Int]
    var relevant: [Bool]

    init(query: [UInt8], database: [[UInt8]], relevant: [Bool]) {
        let distances = database.map { code in zip(code, query).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount } }
        let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
        self.distances = order.map { distances[$0] }
        self.relevant = order.map { relevant[$0] }
    }

    func averagePrecision(_ relevant: [Bool], top: Int) -> Double {
        let places = relevant.prefix(top).enumerated().filter(\.element).map(\.offset)
        let sum = places.enumerated().reduce(0) { $0 + Double($1.offset + 1) / Double($1.element + 1) }
        return places.isEmpty ? 0 : sum / Double(places.count)
    }

    /// The mean over shuffles within ties.
    func averagedOverTies(top: Int, rounds: Int) -> Double {
        var generator = SeededGenerator(seed: 2)
        var sum = 0.0
        for _ in 0..<rounds {
            let order = distances.indices.shuffled(using: &generator).sorted { distances[$0] < distances[$1] }
            sum += averagePrecision(order.map { relevant[$0] }, top: top)
        }
        return sum / Double(rounds)
    }
}

@Suite struct RetrievalTests {
    private let images = syntheticImages(perClass: 12, side: 2)

    private func randomCodes(seed: UInt64, codeBytes: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<images.count * codeBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test(arguments: [1, 3, 8, 9, 32])
    func everyMeasureIsThatOfTheBook(codeBytes: Int) throws {
        let codes = randomCodes(seed: 5, codeBytes: codeBytes)
        let split = try ProtocolSplit(images, queriesPerClass: 2, labelledPerClass: 3, seed: 1)
        let task = RetrievalTask(images, split, seed: 1)
        let evaluation = RetrievalEvaluation(
            task, codes: codes, codeBytes: codeBytes, measures: .init(lengths: [10, 10], top: 7))
        func code(_ image: Int) -> [UInt8] { Array(codes[image * codeBytes..<(image + 1) * codeBytes]) }
        var naive = (all: 0.0, top: 0.0, near: 0.0, recall: 0.0)
        for query in task.queries {
            let answer = NaiveAnswer(
                query: code(query), database: task.database.map(code),
                relevant: task.database.map { images.labels[$0] == images.labels[query] })
            naive.all += answer.averagePrecision(answer.relevant, top: 1000) / 6
            naive.top += answer.averagePrecision(answer.relevant, top: 7) / 6
            let near = answer.distances.indices.filter { answer.distances[$0] <= 2 }
            naive.near += Double(near.count { answer.relevant[$0] }) / Double(max(near.count, 1)) / 6
            let half = answer.distances.indices.filter { answer.distances[$0] <= codeBytes * 4 }
            naive.recall += Double(half.count { answer.relevant[$0] }) / Double(answer.relevant.count { $0 }) / 6
        }
        #expect(evaluation.queryCount == 6)
        #expect(abs(evaluation.overall.tiesByID - naive.all) < 1e-12)
        #expect(abs(try #require(evaluation.atTop).tiesByID - naive.top) < 1e-12)
        #expect(abs(evaluation.precisionWithinRadius2 - naive.near) < 1e-12)
        #expect(abs(evaluation.curve.radii[codeBytes * 4].recall - naive.recall) < 1e-12)
        let (first, last) = (try #require(evaluation.curve.lengths.first), try #require(evaluation.curve.lengths.last))
        #expect(
            first.cut == 1 && last.cut == 30 && abs(last.recall - 1) < 1e-12 && abs(last.precision - 1 / 3.0) < 1e-12)
        let ten = try #require(evaluation.curve.lengths.first { $0.cut == 10 })
        #expect(abs(ten.precision - (evaluation.precisionAt[10] ?? 0)) < 1e-12)
    }

    @Test(arguments: [1, 5, 9, 12, 29])
    func theFirstItemsAreAveragedOverOrdersOfTies(top: Int) {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<4 {
            let database = (0..<30).map { _ in [UInt8.random(in: 0...7, using: &generator)] }
            let relevant = database.map { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            let answer = NaiveAnswer(query: [0], database: database, relevant: relevant)
            var ranking = Ranking()
            for (distance, isRelevant) in zip(answer.distances, answer.relevant) {
                ranking.append(distance: distance, isRelevant: isRelevant)
            }
            let exact = ranking.counts(bits: 8).averagePrecision(top: top)
            #expect(abs(exact - answer.averagedOverTies(top: top, rounds: 20_000)) < 0.015)
        }
    }

    @Test func theFirstItemsOfAWholeListAreTheWholeList() {
        var counts = DistanceCounts(bits: 8)
        counts.items = [3, 0, 4, 5, 0, 0, 0, 0, 1]
        counts.relevant = [1, 0, 2, 0, 0, 0, 0, 0, 1]
        for length in [13, 14, 1000] {
            #expect(abs(counts.averagePrecision(top: length) - counts.averagePrecision) < 1e-12)
        }
        #expect(DistanceCounts(bits: 8).averagePrecision(top: 5) == 0)
    }

    @Test func protocolsDifferInTheirDatabase() throws {
        var images = images
        func plan(_ method: EvaluationProtocol, learned: [String]? = nil) throws -> EvaluationPlan {
            try EvaluationPlan(
                method, images: images, learnedClasses: learned, queriesPerClass: 2, labelledPerClass: 3, seed: 4)
        }
        let p1 = try plan(.p1)
        #expect(p1.task.queries.count == 6 && p1.task.database.count == 30)
        #expect(Set(p1.task.database) == Set(p1.split.database) && p1.task.database != p1.split.database)
        let p1b = try plan(.p1b)
        #expect(p1b.split == p1.split && Set(p1b.task.database).isDisjoint(with: p1b.split.labelled))
        #expect(p1b.task.database.count == 21)
        #expect(throws: LearningError.testPartMissing) { try plan(.p2) }
        images.isTest = images.labels.indices.map { $0 % 12 >= 10 }
        let p2 = try plan(.p2)
        #expect(p2.task.queries == [10, 11, 22, 23, 34, 35] && p2.split.labelled.count == 30)
        #expect(p2.split.labelled == p2.split.database)
    }

    @Test func unseenClassesAreThoseThatTheModelHasNotLearned() throws {
        let images = syntheticImages(perClass: 6, classes: 5, side: 2)
        let learned = ["class 3", "class 0"]
        let unseen = try EvaluationPlan(
            .unseen, images: images, learnedClasses: learned, queriesPerClass: 2, seed: 1)
        #expect(unseen.images.classNames == ["class 1", "class 2", "class 4"])
        #expect(unseen.images.labels == (0..<18).map { $0 / 6 } && unseen.split.labelled.isEmpty)
        #expect(unseen.task.queries.count == 6 && unseen.task.database.count == 12)
        let seen = try EvaluationPlan(
            .p1, images: images, learnedClasses: learned, queriesPerClass: 2, labelledPerClass: 2, seed: 1)
        #expect(seen.images.classNames == ["class 0", "class 3"])
        // A model of other things is measured on all of these.
        let other = try EvaluationPlan(
            .p1, images: images, learnedClasses: ["x"], queriesPerClass: 2, labelledPerClass: 2, seed: 1)
        #expect(other.images.classNames.count == 5)
    }

    @Test func heldOutClassesAreDrawnByTheSeed() throws {
        let images = syntheticImages(perClass: 2, classes: 9, side: 2)
        let rest = try images.holdingOut(classes: 3, seed: 1)
        #expect(rest.classNames.count == 6 && rest.count == 12 && rest.labels == (0..<12).map { $0 / 2 })
        #expect(try images.holdingOut(classes: 3, seed: 1).classNames == rest.classNames)
        #expect(try images.holdingOut(classes: 3, seed: 2).classNames != rest.classNames)
        #expect(try images.holdingOut(classes: 0, seed: 2).pixels == images.pixels)
        for index in rest.labels.indices {
            let original = try #require(images.classNames.firstIndex(of: rest.classNames[rest.labels[index]]))
            let place = 2 * original + index % 2
            #expect(rest.subset([index]).pixels == images.subset([place]).pixels)
        }
        #expect(throws: LearningError.tooFewClasses(found: 1)) { try images.holdingOut(classes: 8, seed: 1) }
        #expect(throws: LearningError.tooFewClasses(found: 0)) { try images.holdingOut(classes: 800, seed: 1) }
    }

    @Test func ofImagesWithSeveralLabelsThoseWithOneOfTheNamesAreMeant() throws {
        let images = LabelledImages(
            pixels: [0, 1, 2, 3, 4], labelSets: [[0, 1], [2], [1, 2], [], [0]], classNames: ["a", "b", "c"],
            shape: ImageShape(channels: 1, height: 1, width: 1))
        let chosen = images.subset(ofClasses: ["c", "b", "unknown"])
        #expect(chosen.classNames == ["b", "c"] && chosen.pixels == [0, 1, 2])
        #expect(chosen.labelSets == [[0], [1], [0, 1]] && chosen.labels == [0, 1, 0])
        #expect(throws: LearningError.self) { try images.holdingOut(classes: 1, seed: 1) }
        #expect(throws: LearningError.self) { try ProtocolSplit(images, queriesPerClass: .max, seed: 1) }
        #expect(throws: LearningError.self) { try ProtocolSplit(images, queries: .max, labelled: .max, seed: 1) }
    }

    @Test(arguments: [["cat", "dog"], ["a,b", "%2C", "100 %", "%252C"], ["one"]])
    func classNamesComeBackFromMetadata(names: [String]) {
        #expect(ClassNames.split(ClassNames.joined(names)) == names)
    }

    @Test func oneHotCodesSetTheBitOfTheLargestLabelOutput() throws {
        let model = try labelModel(bits: 5, classes: 9)
        let pixels = (0..<4 * model.input.count).map { UInt8($0 * 7919 % 256) }
        let outputs = try model.outputs(pixels: pixels, count: 4)
        #expect(try model.encode(pixels: pixels, count: 4) == outputs.codes)
        #expect(outputs.labels.count == 4 && outputs.labels.allSatisfy { (0..<9).contains($0) })
        for (image, label) in outputs.labels.enumerated() {
            let code = outputs.labelCodes[2 * image..<2 * image + 2]
            #expect(code.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
            #expect(code[2 * image + label / 8] == 1 << UInt8(label % 8))
        }
        #expect(throws: HashNetsError.self) { try model.outputs(pixels: [1], count: .max) }
    }

    /// A small CNNH+ with random weights.
    private func labelModel(bits: Int, classes: Int) throws -> HashModel {
        let input = ImageShape(channels: 1, height: 16, width: 16)
        let architecture = try Architecture.cnnhPlus(bits: bits, classes: classes, input: input)
        let tensors = try Network(architecture, batch: 1, seed: 3).tensors()
        let description = ModelDescription(architecture, preprocessing: Preprocessing(mean: [0.5], deviation: [0.2]))
        return try HashModel(WeightFile(tensors: tensors, metadata: description.metadata))
    }
}
