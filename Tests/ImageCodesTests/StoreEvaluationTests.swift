import HashDB
import HashNets
import ImageCodes
import Testing

@Suite struct StoreEvaluationTests {
    private func images(perClass: Int, classes: Int) -> LabelledImages {
        let labels = (0..<perClass * classes).map { $0 / perClass }
        return LabelledImages(
            pixels: labels.map { UInt8($0) }, labels: labels, classNames: (0..<classes).map { "class \($0)" },
            shape: ImageShape(channels: 1, height: 1, width: 1))
    }

    /// Codes of a class differ in few bits, more or less, so that ties and near matches are many.
    private func codes(_ images: LabelledImages, codeBytes: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let centres = images.classNames.map { _ in
            (0..<codeBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        return images.labels.flatMap { label in
            let flips = Int.random(in: 0...codeBytes * 3, using: &generator)
            var code = centres[label]
            for _ in 0..<flips {
                let bit = Int.random(in: 0..<8 * codeBytes, using: &generator)
                code[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            return code
        }
    }

    @Test(arguments: [1, 6, 8, 33])
    func theStoreMeasuresWhatMemoryDoes(codeBytes: Int) throws {
        let images = images(perClass: 150, classes: 4)
        let codes = codes(images, codeBytes: codeBytes, seed: UInt64(codeBytes))
        let split = try ProtocolSplit(images, queriesPerClass: 30, labelledPerClass: 10, seed: 1)
        let task = RetrievalTask(images, split, excludingLabelled: codeBytes == 8, seed: 1)
        let measures = RetrievalEvaluation.Measures(lengths: [1, 50, 1000], top: 40)
        var done: [Int] = []
        let found = try RetrievalEvaluation(
            searchingStoreFor: task, codes: codes, codeBytes: codeBytes, measures: measures
        ) { done.append($0) }
        #expect(found == RetrievalEvaluation(task, codes: codes, codeBytes: codeBytes, measures: measures))
        #expect(found.meanAveragePrecision > 0.3 && done.last == 120)
    }

    @Test func codesThatAreMissingAreRefused() throws {
        let images = images(perClass: 3, classes: 2)
        let split = try ProtocolSplit(images, queriesPerClass: 1, labelledPerClass: 0, seed: 1)
        let task = RetrievalTask(images, split, seed: 1)
        for count in [0, 5] {
            #expect(throws: ImageCodesError.codesMissing(count: count, of: 5)) {
                try RetrievalEvaluation(
                    searchingStoreFor: task, codes: [UInt8](repeating: 1, count: count), codeBytes: 1)
            }
        }
        for codeBytes in [Int.min, -1, 0, 129, .max] {
            #expect(throws: HashDBError.self) {
                try RetrievalEvaluation(searchingStoreFor: task, codes: [1, 2, 3, 4, 5, 6], codeBytes: codeBytes)
            }
        }
    }
}
