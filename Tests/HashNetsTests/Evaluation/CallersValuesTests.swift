import HashNets
import Testing

/// Measures and models of numbers that make no sense have an answer, or are refused.
@Suite struct CallersValuesTests {
    private let images = syntheticImages(perClass: 6, side: 2)

    @Test(arguments: [(0, 8), (-1, 8), (Int.min, 8), (1, -3), (1, 9), (Int.max, Int.max), (3, Int.max), (8, 2)])
    func codesThatAreNotWholeAreCountedAsFarAsTheyGo(codeBytes: Int, bits: Int) {
        let codes: [UInt8] = [1, 0, 0, 1, 0, 0, 0xff]
        let statistics = CodeStatistics(codes: codes, codeBytes: codeBytes, bits: bits)
        #expect(statistics.count == (codeBytes > 0 ? 7 / codeBytes : 0))
        #expect(statistics.bits == max(0, min(bits, codeBytes > 128 ? 1024 : 8 * max(codeBytes, 0))))
        #expect(statistics.correlations.count == statistics.bits * statistics.bits)
        if codeBytes == 3 { #expect(statistics.distinct == 1 && statistics.ones[0] == 1 && statistics.ones[23] == 0) }
    }

    @Test func measuresTakeAnyLengthAndRadius() throws {
        let split = try ProtocolSplit(images, queriesPerClass: 2, labelledPerClass: 1, seed: 1)
        let task = RetrievalTask(images, split, seed: 1)
        let codes = images.labels.map { UInt8($0) }
        for length in [0, -1, Int.min] {
            let found = RetrievalEvaluation(
                task, codes: codes, codeBytes: 1, measures: .init(lengths: [length], top: length))
            #expect(found.precisionAt == [length: 0])
            #expect(found.atTop?.tiesAveraged == 0 && found.atTop?.tiesByID == 0)
        }
        let all = RetrievalEvaluation(task, codes: codes, codeBytes: 1, measures: .init(lengths: [.max], top: .max))
        #expect(abs(try #require(all.precisionAt[.max]) - 1 / 3.0) < 1e-12)
        #expect(abs(try #require(all.atTop).tiesByID - all.overall.tiesByID) < 1e-12)
        var counts = DistanceCounts(bits: 8)
        counts.items[1] = 4
        counts.relevant[1] = 1
        #expect(counts.precision(withinRadius: .max) == 0.25 && counts.precision(withinRadius: 8) == 0.25)
        #expect(counts.precision(withinRadius: -1) == 0 && counts.precision(withinRadius: .min) == 0)
    }

    @Test func aSplitOfOtherImagesIsRefused() throws {
        let projections = try RandomProjections(dimension: images.shape.count, bits: 8, seed: 1)
        let model = try LocalitySensitiveHashing(projections, of: images).model()
        for others in [7, 5] {
            let split = try ProtocolSplit(
                syntheticImages(perClass: others, side: 2), queriesPerClass: 1, labelledPerClass: 0, seed: 1)
            let error = #expect(throws: LearningError.self) {
                try RetrievalEvaluation(model: model, images: images, split: split)
            }
            #expect(error?.description.contains("a split of \(3 * others) images for 18") == true)
        }
    }

    @Test func projectionsThatNoFileHoldsAreRefused() {
        for (dimension, bits) in [(Int.max, 2), (2, Int.max), (1 << 21, 1024), (8, 1025), (-1, 8), (8, -1)] {
            #expect(throws: LearningError.self) { try RandomProjections(dimension: dimension, bits: bits, seed: 1) }
        }
    }

    @Test func countsOfASplitAreNotNegative() {
        for (queries, labelled) in [(Int.min, 5), (-1, 5), (1, -1), (1, Int.min)] {
            var settings = KernelHashing.Settings(bits: 2)
            settings.queriesPerClass = queries
            settings.labelledPerClass = labelled
            #expect(throws: LearningError.self) { try KernelHashing(settings, of: images) }
        }
    }
}
