import Foundation
import HashNets
import Testing

/// The method by the book: all pairs in a matrix, dense eigenvectors, gradient descent in plain loops.
private struct NaiveKernelHashing {
    let features: [[Double]]
    let bits: Int
    /// R, samples × samples.
    var residual: [[Double]]

    init(features: [[Double]], labels: [Int], bits: Int) {
        self.features = features
        self.bits = bits
        residual = labels.map { first in labels.map { Double(bits) * ($0 == first ? 1 : -1) } }
    }

    func gain(_ code: [Double]) -> Double {
        code.indices.reduce(0) { sum, i in
            sum + code.indices.reduce(0) { $0 + code[i] * residual[i][$1] * code[$1] }
        }
    }

    func cost(_ projection: [Double]) -> Double {
        -gain(features.map { row in 2 / (1 + exp(-zip(row, projection).reduce(0) { $0 + $1.0 * $1.1 })) - 1 })
    }

    /// aᵀK̄ᵀRK̄a / aᵀK̄ᵀK̄a.
    func quotient(_ projection: [Double]) -> Double {
        let values = features.map { zip($0, projection).reduce(0) { $0 + $1.0 * $1.1 } }
        return gain(values) / values.reduce(0) { $0 + $1 * $1 }
    }

    mutating func subtract(_ code: [Double]) {
        for i in code.indices {
            for j in code.indices { residual[i][j] -= code[i] * code[j] }
        }
    }
}

@Suite struct KernelHashingTests {
    private let labels = (0..<24).map { $0 % 3 }
    private let features: [[Double]]

    init() {
        var generator = SeededGenerator(seed: 4)
        // Three clusters in five dimensions, each column of mean zero.
        var rows = (0..<24).map { item in
            (0..<5).map { column in
                (column == item % 3 ? 1 : 0) + 0.8 * (2 * generator.nextUniform() - 1)
            }
        }
        for column in 0..<5 {
            let mean = rows.reduce(0) { $0 + $1[column] } / 24
            for row in rows.indices { rows[row][column] -= mean }
        }
        features = rows
    }

    private var matrix: DenseMatrix {
        DenseMatrix(rows: 24, columns: 5, values: features.flatMap { $0 })
    }

    @Test func bitsAreThoseOfTheBook() {
        let bits = 6
        var naive = NaiveKernelHashing(features: features, labels: labels, bits: bits)
        var solver = KernelHashingSolver(features: matrix, similarity: SimilarityGroups(labels: labels), bits: bits)
        var generator = SeededGenerator(seed: 1)
        for bit in 0..<bits {
            // The spectral start has the largest quotient of all directions, and the length that the paper gives it.
            let start = solver.spectralStart(seed: 1)
            let best = naive.quotient(start)
            for _ in 0..<300 {
                let other = start.map {
                    $0 + Double.random(in: -1...1, using: &generator) * exp(-9 * generator.nextUniform())
                }
                #expect(naive.quotient(other) <= best + 1e-6 * abs(best))
            }
            let values = features.map { zip($0, start).reduce(0) { $0 + $1.0 * $1.1 } }
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 24) < 1e-6)
            #expect(abs(solver.cost(start) - naive.cost(start)) < 1e-9)

            solver.addBit(seed: 1)
            let (code, projection) = (solver.codes[bit], solver.projections[bit])
            #expect(code == features.map { zip($0, projection).reduce(0) { $0 + $1.0 * $1.1 } >= 0 ? 1 : -1 })
            // No worse than the start.
            #expect(naive.gain(code) >= naive.gain(values.map { $0 >= 0 ? 1 : -1 }))
            naive.subtract(code)
            let vector = (0..<24).map { _ in generator.nextUniform() }
            let product = naive.residual.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
            for (own, other) in zip(solver.residualProduct(vector), product) { #expect(abs(own - other) < 1e-9) }
        }
        // Each bit takes its share of what was left: ‖r·S − HHᵀ‖ ends below the start.
        let left = naive.residual.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
        #expect(left < 0.6 * Double(24 * 24 * bits * bits))
    }

    @Test func theGradientIsThatOfTheCost() {
        var solver = KernelHashingSolver(features: matrix, similarity: SimilarityGroups(labels: labels), bits: 4)
        solver.addBit(seed: 2)
        var generator = SeededGenerator(seed: 3)
        let point = (0..<5).map { _ in 2 * generator.nextUniform() - 1 }
        var gradient: [Double] = []
        _ = solver.cost(point, gradient: &gradient)
        for index in point.indices {
            var (above, below) = (point, point)
            above[index] += 1e-5
            below[index] -= 1e-5
            let slope = (solver.cost(above) - solver.cost(below)) / 2e-5
            #expect(abs(slope - gradient[index]) < 1e-6 * max(1, abs(slope)))
        }
    }

    @Test func similarityTimesAVectorIsTheMatrixProduct() {
        let sets: [Set<Int>] = [[1, 2], [2], [], [3, 1], [], [5], [1, 2]]
        let groups = SimilarityGroups(labelSets: sets)
        var generator = SeededGenerator(seed: 5)
        let vector = sets.map { _ in generator.nextUniform() }
        for (item, value) in groups.product(vector).enumerated() {
            let sum = sets.indices.reduce(0) { $0 + (groups.isSimilar(item, $1) ? 1 : -1) * vector[$1] }
            #expect(abs(value - sum) < 1e-12)
        }
    }

    @Test(arguments: [1, 2, 9, 60])
    func theLargestEigenvectorIsFound(size: Int) {
        var generator = SeededGenerator(seed: UInt64(size))
        var matrix = DenseMatrix(rows: size, columns: size)
        for row in 0..<size {
            for column in 0...row {
                matrix[row, column] = 2 * generator.nextUniform() - 1
                matrix[column, row] = matrix[row, column]
            }
        }
        let all = SymmetricEigenvectors(matrix)
        for (index, value) in all.values.enumerated() {
            let vector = Array(all.vectors.values[index * size..<(index + 1) * size])
            for (own, image) in zip(vector, matrix.combination(vector)) { #expect(abs(value * own - image) < 1e-9) }
        }
        let found = LargestEigenvector(size: size, seed: 1) { matrix.combination($0) }
        #expect(abs(found.value - (all.values.max() ?? 0)) < 1e-8)
        for (own, image) in zip(found.vector, matrix.combination(found.vector)) {
            #expect(abs(found.value * own - image) < 1e-6)
        }
    }

    @Test func factorsSolveSystems() {
        var generator = SeededGenerator(seed: 6)
        let root = DenseMatrix(rows: 9, columns: 6, values: (0..<54).map { _ in generator.nextNormal() })
        let factor = CholeskyFactor(root.transposeTimes(root))
        let vector = (0..<6).map { _ in generator.nextNormal() }
        let solution = factor.solveUpper(factor.solveLower(vector))
        for (own, other) in zip(root.transposeTimes(root).combination(solution), vector) {
            #expect(abs(own - other) < 1e-6)
        }
        // Equal columns make it singular, which is no trouble.
        let singular = DenseMatrix(rows: 3, columns: 2, values: [1, 1, 2, 2, 3, 3])
        #expect(CholeskyFactor(singular.transposeTimes(singular)).solveLower([1, 1]).allSatisfy { $0.isFinite })
    }

    @Test func theModelComesBackFromItsFileWithTheSolversBits() throws {
        let images = syntheticImages(perClass: 30, side: 6)
        var settings = KernelHashing.Settings(bits: 12)
        settings.anchors = 20
        settings.queriesPerClass = 5
        settings.labelledPerClass = 15
        var done: [Int] = []
        let hashing = try KernelHashing(settings, of: images) { done.append($0) }
        #expect(done == Array(1...12))
        let path = temporaryPath("ksh.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try hashing.writeModel(to: path)
        let model = try HashModel.load(path: path)
        #expect(model.name == "ksh, 12 bits" && model.learnedClasses == images.classNames)
        let codes = try model.encode(pixels: images.pixels, count: images.count)
        #expect(try hashing.model().encode(pixels: images.pixels, count: images.count) == codes)
        #expect(try KernelHashing(settings, of: images).model().fingerprint == model.fingerprint)
        // What is so easy is learned, by images that were not learned from.
        let split = try ProtocolSplit(images, queriesPerClass: 5, labelledPerClass: 15, seed: 1)
        #expect(model.metadata["split"] == split.fingerprint)
        let evaluation = try RetrievalEvaluation(model: model, images: images, split: split, excludingLabelled: true)
        #expect(evaluation.meanAveragePrecision > 0.95)
    }

    @Test func aFileThatDoesNotFitIsRefused() throws {
        let images = syntheticImages(perClass: 6, side: 2)
        var settings = KernelHashing.Settings(bits: 3)
        settings.anchors = 4
        let path = temporaryPath("ksh.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try KernelHashing(settings, ofLabelled: images).writeModel(to: path)
        let file = try WeightFile(reading: path)
        for (name, tensor) in [
            ("anchors", Tensor(shape: [4, 11], values: [Float](repeating: 0, count: 44))),
            ("anchors", Tensor(shape: [], values: [0])),
            ("kernel.scale", Tensor(shape: [1], values: [-1])),
            ("projection.bias", Tensor(shape: [2], values: [0, 0])),
            ("stranger", Tensor(shape: [1], values: [0])),
        ] {
            var other = file
            other.tensors[name] = tensor
            #expect(throws: HashNetsError.self) { try HashModel(other) }
        }
        for name in file.tensors.keys {
            var other = file
            other.tensors[name] = nil
            #expect(throws: HashNetsError.self) { try HashModel(other) }
        }
        settings.anchors = 0
        #expect(throws: LearningError.self) { try KernelHashing(settings, ofLabelled: images) }
    }
}
