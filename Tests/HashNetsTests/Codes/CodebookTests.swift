import HashNets
import Testing

@Suite struct CodebookTests {
    @Test(arguments: [(10, 12, 4), (10, 24, 4), (10, 32, 4), (10, 48, 4), (2, 7, 1), (100, 64, 24)])
    func codewordsOfClassesAreNearlyOrthogonal(classes: Int, bits: Int, largest: Int) {
        let codes = Codebook(classes: classes, bits: bits, seed: 1).codes
        #expect(codes.count == classes && codes.allSatisfy { $0.count == bits })
        #expect(Set(codes).count == classes)
        #expect(Codebook.largestProduct(codes) <= largest)
    }

    @Test func codewordsOfVeryManyClassesAreDrawn() {
        let codes = Codebook(classes: 4097, bits: 64, seed: 1).codes
        #expect(codes.count == 4097 && codes.allSatisfy { $0.count == 64 })
        #expect(Set(codes).count == 4097 && Codebook.largestProduct(Array(codes.prefix(300))) < 50)
    }

    @Test func noRandomCodebookOfManyIsBetter() {
        var generator = SeededGenerator(seed: 5)
        let drawn = (0..<500).map { _ in
            Codebook.largestProduct((0..<10).map { _ in (0..<48).map { _ in Bool.random(using: &generator) } })
        }
        #expect(Codebook.largestProduct(Codebook(classes: 10, bits: 48, seed: 3).codes) < drawn.min() ?? 0)
    }

    @Test func largestProductIsThatOfSigns() {
        #expect(Codebook.largestProduct([[true, true, true], [false, false, false], [true, false, true]]) == 3)
        #expect(Codebook.largestProduct([[true, true]]) == 0)
    }

    @Test func equalSeedsGiveEqualCodewordsAndItemsAreTheClasses() {
        let codebook = Codebook(classes: 5, bits: 16, seed: 9)
        #expect(codebook.codes == Codebook(classes: 5, bits: 16, seed: 9).codes)
        #expect(codebook.codes != Codebook(classes: 5, bits: 16, seed: 10).codes)
        #expect((0..<5).allSatisfy { codebook.bits(of: $0) == codebook.codes[$0] })
        #expect(Codebook(classes: 1, bits: 8, seed: 1).codes.count == 1)
    }
}
