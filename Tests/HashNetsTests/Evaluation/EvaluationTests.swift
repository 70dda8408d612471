import HashNets
import Testing

/// The average of average precision over random orders of the ties, by shuffling.
private func sampledAveragePrecision(_ distances: [Int], _ relevant: [Bool], rounds: Int) -> Double {
    var generator = SeededGenerator(seed: 1)
    var sum = 0.0
    for _ in 0..<rounds {
        let order = distances.indices.shuffled(using: &generator).sorted { distances[$0] < distances[$1] }
        var found = 0.0
        for (place, index) in order.enumerated() where relevant[index] {
            found += 1
            sum += found / Double(place + 1) / Double(relevant.count { $0 })
        }
    }
    return sum / Double(rounds)
}

private func counts(_ distances: [Int], _ relevant: [Bool], bits: Int) -> DistanceCounts {
    var counts = DistanceCounts(bits: bits)
    for (distance, isRelevant) in zip(distances, relevant) {
        counts.items[distance] += 1
        counts.relevant[distance] += isRelevant ? 1 : 0
    }
    return counts
}

@Suite struct EvaluationTests {
    @Test func averagePrecisionIsTheMeanOverOrdersOfTies() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5 {
            let distances = (0..<30).map { _ in Int.random(in: 0...4, using: &generator) }
            let relevant = distances.map { _ in Int.random(in: 0..<3, using: &generator) == 0 } + []
            let exact = counts(distances, relevant, bits: 8).averagePrecision
            #expect(abs(exact - sampledAveragePrecision(distances, relevant, rounds: 20_000)) < 0.01)
        }
    }

    @Test func averagePrecisionWithoutTiesIsTheTextbooks() {
        let counts = counts([0, 1, 2, 3, 4], [true, false, true, true, false], bits: 8)
        #expect(abs(counts.averagePrecision - (1 + 2.0 / 3 + 3.0 / 4) / 3) < 1e-12)
        #expect(DistanceCounts(bits: 8).averagePrecision == 0)
    }

    @Test func oneTieOfEverythingHasTheShareOfRelevantItems() {
        // All codes equal: places hold relevant items at random, so precision is the share, a little more at the top.
        let counts = counts([Int](repeating: 0, count: 1000), (0..<1000).map { $0 % 10 == 0 }, bits: 8)
        #expect(abs(counts.averagePrecision - 0.1) < 0.01)
    }

    @Test func precisionCountsTiesInProportionAndNothingFoundAsZero() {
        let counts = counts([1, 1, 3, 3, 3, 3], [true, false, true, false, false, false], bits: 8)
        #expect(counts.precision(withinRadius: 0) == 0)
        #expect(counts.precision(withinRadius: 2) == 0.5)
        #expect(abs(counts.precision(at: 4) - (1 + 0.5) / 4) < 1e-12)
        #expect(abs(counts.precision(at: 100) - 2.0 / 6) < 1e-12)
    }

    @Test func splitKeepsQueriesOutOfTheDatabaseAndIsSeeded() throws {
        let images = syntheticImages(perClass: 20, side: 2)
        let split = try ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 10, seed: 3)
        #expect(split.queries.count == 12 && split.labelled.count == 30 && split.database.count == 48)
        #expect(Set(split.queries).isDisjoint(with: split.database))
        #expect(Set(split.labelled).isSubset(of: split.database))
        #expect((0..<3).allSatisfy { label in split.queries.count { images.labels[$0] == label } == 4 })
        let again = try ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 10, seed: 3)
        #expect(split == again && split.fingerprint == again.fingerprint)
        let other = try ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 10, seed: 4)
        #expect(other.fingerprint != split.fingerprint)
    }

    @Test func splitOfTooFewImagesNamesTheClass() {
        let images = syntheticImages(perClass: 5, side: 2)
        #expect(throws: LearningError.tooFewImages(className: "class 0", needed: 9, found: 5)) {
            try ProtocolSplit(images, queriesPerClass: 4, labelledPerClass: 5, seed: 3)
        }
        #expect(throws: LearningError.tooFewClasses(found: 1)) {
            try ProtocolSplit(syntheticImages(perClass: 5, classes: 1, side: 2), seed: 3)
        }
        #expect(throws: LearningError.self) {
            try ProtocolSplit(images, queriesPerClass: 1, labelledPerClass: -5, seed: 3)
        }
        #expect(throws: LearningError.self) { try ProtocolSplit(images, queries: -1, labelled: 3, seed: 3) }
        #expect(throws: LearningError.tooFewImages(className: "all", needed: 16, found: 15)) {
            try ProtocolSplit(images, queries: 14, labelled: 3, seed: 3)
        }
    }

    @Test func aDatabaseWithoutImagesIsRefusedForSeveralLabelsToo() {
        var images = syntheticImages(perClass: 5, side: 2)
        images.labelSets = images.labels.map { [$0] }
        #expect(throws: LearningError.databaseEmpty) {
            try EvaluationPlan(
                .p1b, images: images, learnedClasses: nil, queriesPerClass: 5, labelledPerClass: 10, seed: 1)
        }
    }
}
