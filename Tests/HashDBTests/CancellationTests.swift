import HashDB
import Synchronization
import Testing

/// What is long asks on the way whether its task was cancelled, wherever it spends its time.
struct CancellationTests {
    /// So many steps are more than may be done before anybody asks.
    private static let soon = 1 << 15

    /// One code many times: one entry of a bucket, or, with more than 128 bits, one for each item; or all codes compared with all.
    @Test(arguments: [(64, QueryPlan.probe), (256, .probe), (64, .scan)])
    func pairsOfEqualCodesEndWithTheTask(bitWidth: Int, plan: QueryPlan) async throws {
        let (told, error) = try await Task {
            try withTemporaryDirectory { directory in
                let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
                try store.bulkLoad { try $0.append(packedCodes: [UInt8](repeating: 7, count: 5000 * bitWidth / 8)) }
                var told = 0
                let end = Result {
                    try store.read { snapshot in
                        try snapshot.forEachPair(within: 0, plan: plan) { _ in
                            if told == 0 { cancelThisTask() }
                            told += 1
                            return true
                        }
                    }
                }
                return (told, end.failure)
            }
        }
        .value
        #expect(told > 0 && told < Self.soon && error is CancellationError, "\(told) pairs")
    }

    @Test func toAskAFilterAboutEveryItemEndsWithTheTask() async throws {
        try await withStoreOfCodes(40_000) { store, codes in
            let asked = Atomic(0)
            let none = ItemFilter.matching { _ in
                if asked.add(1, ordering: .relaxed).newValue == 100 { cancelThisTask() }
                return false
            }
            let task = Task { try await store.nearest(to: codes[0], count: 1, among: none) }
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let questions = asked.load(ordering: .relaxed)
            #expect(questions >= 100 && questions < Self.soon)
        }
    }

    /// The search itself would be over before it asked.
    @Test func toLookUpTheIDsOfAFilterEndsWithTheTask() async throws {
        try await withStoreOfCodes(5000) { store, codes in
            var code = codes[0]
            code[bit: 5].toggle()
            let absent = code
            let most = ItemFilter.excluding(Array(0..<4000))
            func search() throws -> [Match] { try store.within(radius: 0, of: absent, among: most) }
            let found = try search()
            #expect(found == [])
            let task = Task {
                cancelThisTask()
                return try search()
            }
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    /// Calls what it is given on its way, which returns true.
    private typealias Walk = @Sendable (borrowing Snapshot, () -> Bool) throws -> Void

    @Test func walksEndWithTheTask() async throws {
        try await withStoreOfCodes(40_000) { store, _ in
            try await store.recordChanges()
            try await store.write { transaction in
                for number in 0..<5000 { try transaction.setAttribute([1], forKey: "\(number)") }
            }
            let walks: [Walk] = [
                { snapshot, goesOn in try snapshot.forEachItem { _ in goesOn() } },
                { snapshot, goesOn in try snapshot.forEachBucket { _ in goesOn() } },
                { snapshot, goesOn in try snapshot.forEachAttribute(withPrefix: "") { _, _ in goesOn() } },
                { snapshot, goesOn in try snapshot.checkInvariants { _, _ in _ = goesOn() } },
                { snapshot, goesOn in try snapshot.ship(after: nil) { _ in _ = goesOn() } },
            ]
            for (index, walk) in walks.enumerated() {
                let task = Task {
                    var calls = 0
                    let error = failure {
                        try store.read { snapshot in
                            try walk(snapshot) {
                                if calls == 0 { cancelThisTask() }
                                calls += 1
                                return true
                            }
                        }
                    }
                    return (calls, error)
                }
                let (calls, error) = await task.value
                #expect(calls > 0 && calls < 1000 && error is CancellationError, "walk \(index): \(calls) calls")
            }
        }
    }

    /// A write that is not `async` ends only with a walk that its closure makes.
    @Test(arguments: [true, false])
    func aWriteOfACancelledTaskIsWholeOrNothing(walks: Bool) async throws {
        try await withStoreOfCodes(1000) { store, codes in
            let task = Task {
                cancelThisTask()
                return failure {
                    try store.write { transaction in
                        for code in codes { _ = try transaction.insert(code: code) }
                        if walks { try transaction.forEachItem { _ in true } }
                    }
                }
            }
            let error = await task.value
            #expect(walks ? error is CancellationError : error == nil)
            #expect(try await store.read { $0.count } == (walks ? 1000 : 2000))
            try await store.read { try $0.checkInvariants() }
        }
    }

    /// What it looks through in the store to find what is to go is no walk of the caller's.
    @Test func aReceiveOfACancelledTaskIsCarriedOut() async throws {
        try await withStoreOfCodes(1000) { leader, codes in
            try await leader.recordChanges()
            let pieces = try await leader.read { snapshot in
                var pieces: [[UInt8]] = []
                try snapshot.ship(after: nil) { pieces.append($0) }
                return pieces
            }
            let follower = try Store.temporary(bitWidth: 64)
            try await follower.write { transaction in
                try transaction.insert(5000, code: codes[0])
                try transaction.setAttribute([1], forKey: "own")
            }
            let task = Task {
                cancelThisTask()
                var rest = pieces[...]
                return failure { try follower.receive(replacing: true) { rest.popFirst() } }
            }
            let error = await task.value
            #expect(error == nil)
            let (count, attribute) = try await follower.read { try ($0.count, $0.attribute("own")) }
            #expect(count == 1000 && attribute == nil)
        }
    }

    /// It is given up at the first question, then at the second, until it comes to its end: each time nothing is changed.
    @Test func aLoadCanBeGivenUpUntilItIsPublished() throws {
        struct Stop: Error {}
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 64, options: .unsynchronised)
            let code = try BinaryCode(zeros: 64)
            func isLoaded(questions: Int) throws -> Bool {
                var left = questions
                func giveUp() throws {
                    if left == 0 { throw Stop() }
                    left -= 1
                }
                do {
                    // Descending ids come in parts, which are copied to one segment in the end.
                    try store.loading(runLength: 1500, giveUp: giveUp) { loader in
                        for id in (0..<6000 as Range<UInt64>).reversed() { try loader.append(id: id, code: code) }
                    }
                    return true
                } catch is Stop { return false }
            }
            var questions = 0
            while try !isLoaded(questions: questions) {
                #expect(try store.count == 0)
                try store.read { try $0.checkInvariants() }
                questions += 1
            }
            // After the closure, before the copy, and before all becomes part of the store.
            #expect(questions >= 3)
            #expect(try store.count == 6000)
        }
    }
}

/// What ends a body, in which Swift takes the calls that are not `async`; nil if it comes to its end.
private func failure(_ body: () throws -> Void) -> (any Error)? {
    do { try body() } catch { return error }
    return nil
}

private func cancelThisTask() {
    withUnsafeCurrentTask { $0?.cancel() }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
