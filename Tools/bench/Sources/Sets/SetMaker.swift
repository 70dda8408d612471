/// Makes a set by its recipe.
struct SetMaker {
    private let recipe: Recipe
    private let queryCount: Int
    private let images: ImageProjections?
    private var generator: Xoshiro
    private var codes: CodeArray
    private var queries: [String: CodeArray] = [:]

    /// A maker of `queryCount` queries of each kind.
    init(_ recipe: Recipe, queryCount: Int, images: ImageProjections?) {
        self.recipe = recipe
        self.queryCount = queryCount
        self.images = images
        generator = Xoshiro(named: recipe.name)
        codes = CodeArray(bitWidth: recipe.bitWidth)
        codes.reserve(recipe.count)
    }

    /// The set; nil where it is one of images and there are none.
    mutating func make() -> CodeSet? {
        switch recipe.distribution {
        case .uniform: makeUniform(recipe.count)
        case .repeating(let share): makeRepeating(share)
        case .clustered(let bits, let probability): makeClustered(bits, probability)
        case .planted: makePlanted()
        case .images(let noise):
            guard let images else { return nil }
            makeOfImages(images, noise)
        }
        var asked: [CodeSet.Queries] = []
        for kind in recipe.kinds { asked.append(queries(of: kind)) }
        return CodeSet(name: recipe.name, codes: codes, queries: asked, operations: recipe.operations)
    }

    private mutating func queries(of kind: String) -> CodeSet.Queries {
        if let made = queries[kind] {
            return CodeSet.Queries(kind: kind, codes: made, group: kind == "dup8" ? 8 : 1)
        }
        var made = CodeArray(bitWidth: recipe.bitWidth)
        for _ in 0..<queryCount {
            if let flips = Int(kind) {
                let code = codes[generator.index(below: codes.count)]
                made.append(code.flipping(flips, of: recipe.bitWidth, &generator))
            } else {
                made.appendUniform(&generator)
            }
        }
        return CodeSet.Queries(kind: kind, codes: made)
    }

    private mutating func makeUniform(_ count: Int) {
        for _ in 0..<count { codes.appendUniform(&generator) }
    }

    private mutating func makeRepeating(_ share: Double) {
        for row in 0..<recipe.count {
            if row > 0, generator.uniform() < share {
                codes.append(codes[generator.index(below: row)])
            } else {
                codes.appendUniform(&generator)
            }
        }
    }

    private mutating func makeClustered(_ bits: Int, _ probability: Double) {
        let mask: UInt64 = 1 << UInt64(bits) - 1
        var centres: [UInt64] = []
        for _ in 0..<10 { centres.append(generator.next() & mask) }
        var new = CodeArray(bitWidth: recipe.bitWidth)
        for row in 0..<recipe.count + queryCount {
            let code = centres[generator.index(below: 10)] ^ generator.noise(bits: bits, probability: probability)
            if row < recipe.count { codes.append(code) } else { new.append(code) }
        }
        queries["new"] = new
    }

    private mutating func makePlanted() {
        makeUniform(recipe.count)
        var single = CodeArray(bitWidth: recipe.bitWidth)
        for _ in 0..<queryCount { single.appendUniform(&generator) }
        // The rotations and mirrors of an image differ in about half of their bits; of some of them copies are about, too.
        var eights = CodeArray(bitWidth: recipe.bitWidth)
        for _ in 0..<8 * queryCount { eights.appendUniform(&generator) }
        var originals = (0..<single.count).map { single[$0] }
        originals += (0..<eights.count).filter { [0, 3, 6].contains($0 % 8) }.map { eights[$0] }
        var taken: Set<Int> = []
        for original in originals {
            for _ in 0..<10 {
                var row = generator.index(below: codes.count)
                while !taken.insert(row).inserted { row = generator.index(below: codes.count) }
                codes[row] = original.flipping(generator.index(below: 32), of: recipe.bitWidth, &generator)
            }
        }
        queries["dup"] = single
        queries["dup8"] = eights
    }

    private mutating func makeOfImages(_ images: ImageProjections, _ noise: Double) {
        let held = min(1000, images.codes.count / 10)
        var new = CodeArray(bitWidth: recipe.bitWidth)
        for row in 0..<min(held, queryCount) { new.append(images.codes[row]) }
        let original = images.codes.count - held
        for row in 0..<(noise == 0 ? original : recipe.count) {
            if noise == 0 {
                codes.append(images.codes[held + row])
            } else {
                let code = images.codes[held + generator.index(below: original)][0]
                codes.append(code ^ generator.noise(bits: recipe.bitWidth, probability: noise))
            }
        }
        queries["new"] = new
    }
}
