import HashDB

/// What the writer of a soak does, commit by commit: each step follows from its number, so that every reader knows what a snapshot must hold.
///
/// Ids come from a range of fixed size. So the number of items settles, and whatever goes on growing does so without need.
struct SoakHistory {
    /// The number of different ids.
    let ids: Int

    enum Step {
        /// Codes put with payloads, and ids deleted, in one transaction.
        case change(put: [(id: UInt64, code: UInt64)], delete: [UInt64])
        /// Codes that come in at once, without payloads.
        case load([(id: UInt64, code: UInt64)])
    }

    /// The step that makes the commit of that number, the first being 1.
    func step(_ number: UInt64) -> Step {
        var generator = Xoshiro(named: "soak \(number)")
        func items(_ count: Int) -> [(id: UInt64, code: UInt64)] {
            (0..<count).map { _ in (UInt64(generator.index(below: ids)), code(&generator)) }
        }
        // The first one fills the store as far as it will stay filled, and one in 200 is of a file of codes.
        if number == 1 { return .load(items(ids)) }
        if number % 200 == 0 { return .load(items(ids / 50)) }
        let put = items(1 + generator.index(below: 200))
        return .change(put: put, delete: (0..<put.count).map { _ in UInt64(generator.index(below: ids)) })
    }

    /// Uniform, or one of a few thousand with a few bits flipped, so that there is always something near.
    private func code(_ generator: inout Xoshiro) -> UInt64 {
        if generator.next() % 2 == 0 { return generator.next() }
        var centre = Xoshiro(named: "centre \(generator.index(below: 5000))")
        return centre.next() ^ generator.noise(bits: 64, probability: 0.05)
    }

    /// A code to ask for: near others or not.
    func query(_ generator: inout Xoshiro) -> UInt64 { code(&generator) }

    static func code(_ word: UInt64) throws -> BinaryCode {
        try BinaryCode(bytes: (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) })
    }

    /// What is kept beside a code that is put: nothing, some bytes, or more than a page has room for.
    static func payload(_ code: UInt64) -> [UInt8]? {
        let length = [0, 20, 300, 3000][Int(code >> 60) % 4]
        return length == 0 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: code), count: length)
    }

    /// Carries out a step.
    func perform(_ step: Step, on store: Store) throws {
        switch step {
        case .load(let items):
            try store.bulkLoad { loader in
                for (id, code) in items { try loader.append(id: id, code: Self.code(code)) }
            }
        case .change(let put, let delete):
            try store.write { transaction in
                for (id, code) in put { try transaction.upsert(id, code: Self.code(code), payload: Self.payload(code)) }
                for id in delete { try transaction.delete(id) }
            }
        }
    }
}

/// What a store must hold after a commit, and the answers that follow from it by brute force.
struct SoakModel {
    private let history: SoakHistory
    private(set) var commit: UInt64 = 0
    private(set) var count = 0
    /// By id; nil where there is none.
    private(set) var codes: [UInt64?]
    private var hasPayload: [Bool]

    init(_ history: SoakHistory) {
        self.history = history
        codes = [UInt64?](repeating: nil, count: history.ids)
        hasPayload = [Bool](repeating: false, count: history.ids)
    }

    /// Goes on to a later commit.
    mutating func advance(to number: UInt64) {
        while commit < number {
            commit += 1
            switch history.step(commit) {
            case .load(let items): items.forEach { set($0.id, $0.code, payload: false) }
            case .change(let put, let delete):
                put.forEach { set($0.id, $0.code, payload: true) }
                delete.forEach { set($0, nil, payload: false) }
            }
        }
    }

    /// What is kept beside an item.
    func payload(of id: UInt64) -> [UInt8]? {
        guard hasPayload[Int(id)], let code = codes[Int(id)] else { return nil }
        return SoakHistory.payload(code)
    }

    private mutating func set(_ id: UInt64, _ code: UInt64?, payload: Bool) {
        count += (code == nil ? 0 : 1) - (codes[Int(id)] == nil ? 0 : 1)
        codes[Int(id)] = code
        hasPayload[Int(id)] = payload
    }

    /// The nearest items, or all within a radius, by distance and then by id.
    func matches(of query: UInt64, nearest: Int?, radius: Int?) -> [Match] {
        var rows: [(distance: Int, id: Int)] = []
        var counts = [Int](repeating: 0, count: 65)
        for case (let id, let code?) in codes.enumerated() {
            let distance = (code ^ query).nonzeroBitCount
            if distance <= radius ?? 64 {
                counts[distance] += 1
                rows.append((distance, id))
            }
        }
        var limit = 64
        if let nearest {
            var sum = 0
            limit =
                counts.firstIndex { count in
                    sum += count
                    return sum >= nearest
                } ?? 64
        }
        let sorted = rows.filter { $0.distance <= limit }.sorted { $0 < $1 }
        return sorted.prefix(nearest ?? sorted.count).map { Match(id: UInt64($0.id), distance: $0.distance) }
    }
}
