import Foundation
import HashDB
import ImageCodes
import PerceptualHashes
import TestSupport
import Testing

/// Several collections filled in one run: each is what a run of its own would have made it.
@Suite struct CollectionIngestTests {
    private let bench: IngestBench
    private let encoders: [any ImageEncoder] = [
        StubEncoder(), StubEncoder(fingerprint: "other"), PerceptualHash.pdq, PerceptualHash.dhash,
    ]

    init() throws {
        bench = try IngestBench()
    }

    private func makeTargets(_ name: String) throws -> [Ingest.Target] {
        var options = Store.Options()
        options.synchronous = false
        return try encoders.enumerated().map { index, encoder in
            let store = try Store.create(
                at: bench.directory[name].string, collection: index == 0 ? Store.defaultCollection : "c\(index)",
                bitWidth: 8 * encoder.codeBytes, model: encoder.identity, options: options)
            return try Ingest.Target(store: store, encoder: encoder)
        }
    }

    private func run(
        _ targets: [Ingest.Target], observe: (IngestEvent) -> Void = { _ in }
    ) throws -> [IngestSummary] {
        var options = Ingest.Options()
        options.removesVanished = true
        options.batch = 8
        return try Ingest(into: targets, options: options).runEach([bench.directory["photos"]], observe: observe)
    }

    /// Ids, codes and records.
    private func items(_ store: Store) throws -> [String] {
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var items: [String] = []
            try snapshot.forEachItem(payloads: true) { item in
                items.append("\(item.id) \(item.code.hex) \(item.payload ?? [])")
                return true
            }
            return items
        }
    }

    private func counts(_ summary: IngestSummary) -> [Int] {
        [
            summary.added, summary.changed, summary.moved, summary.copied, summary.linked, summary.touched,
            summary.vanished, summary.unchanged, summary.encoded, summary.failed,
        ]
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func eachCollectionIsWhatARunOfItsOwnMakes(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let together = try makeTargets("together.hashdb")
        let apart = try makeTargets("apart.hashdb")
        for round in 0..<4 {
            for _ in 0..<25 {
                let folder = Int.random(in: 0..<3, using: &generator)
                let name = "\(folder)/\(Int.random(in: 0..<30, using: &generator)).png"
                let other = "\(folder)/\(Int.random(in: 30..<40, using: &generator)).png"
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: unlink(bench.directory["photos/" + name].string)
                case 1: rename(bench.directory["photos/" + name].string, bench.directory["photos/" + other].string)
                case 2: link(bench.directory["photos/" + name].string, bench.directory["photos/" + other].string)
                case 3: try bench.directory.write(Array("none".utf8), to: "photos/" + name)
                default: try bench.write(seed: Int.random(in: 0..<60, using: &generator), to: name)
                }
            }
            // One of them may have missed a round.
            let some = Array(together.indices.dropFirst(round == 1 ? 2 : 0))
            let summaries = try run(some.map { together[$0] })
            for (index, summary) in zip(some, summaries) {
                let own = try run([apart[index]])[0]
                #expect(counts(summary) == counts(own), "seed \(seed), round \(round), collection \(index)")
                #expect(
                    try items(together[index].store) == items(apart[index].store),
                    "seed \(seed), round \(round), collection \(index)")
            }
        }
    }

    @Test func aFileIsReadOnceAndItsTroubleToldOnce() throws {
        for index in 0..<10 { try bench.write(seed: index, to: "\(index).png") }
        let whole = try TestImages.picture(seed: 3)
        try bench.directory.write(Array(whole.prefix(whole.count / 2)), to: "photos/half.png")
        try bench.directory.write([], to: "photos/none.png")
        let size = try (0..<10).reduce(UInt64(whole.count / 2)) {
            let path = bench.directory["photos/\($1).png"].string
            return try $0 + UInt64(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
        let targets = try makeTargets("s.hashdb")
        var told: [String] = []
        let summaries = try run(targets) { if case .failed(let error) = $0 { told.append(error.path.string) } }
        #expect(summaries.map(\.bytesRead) == [size, size, size, size])
        #expect(summaries.map(\.failed) == [2, 2, 2, 2] && summaries.map(\.added) == [10, 10, 10, 10])
        #expect(told.sorted() == ["half", "none"].map { bench.directory["photos/\($0).png"].string })
        var last = IngestProgress()
        _ = try run(targets) { if case .progress(let progress) = $0 { last = progress } }
        #expect(last.unchanged == 10 && last.handled == 12 && last.total == 12)
    }

    @Test func aFolderThatMovedIsOneForCollectionsThatKnowIt() throws {
        for index in 0..<5 { try bench.write(seed: index, to: "\(index).png") }
        let targets = try makeTargets("s.hashdb")
        _ = try run(Array(targets.prefix(2)))
        let (old, new) = (bench.directory["photos"], bench.directory["elsewhere"])
        rename(old.string, new.string)
        // Something else is there now, so that the move does not show.
        try bench.write(seed: 9, to: "9.png")
        var options = Ingest.Options()
        options.movedFrom = old
        let summaries = try Ingest(into: targets, options: options).runEach([new])
        #expect(summaries.map(\.unchanged) == [5, 5, 0, 0] && summaries.map(\.added) == [0, 0, 5, 5])
        options.movedFrom = bench.directory["never"]
        #expect(throws: ImageCodesError.self) { try Ingest(into: targets, options: options).runEach([new]) }
    }

    @Test func aModelThatFailsLeavesNoneOfThemInDisorder() throws {
        struct ModelBroken: Error {}
        for index in 0..<40 { try bench.write(seed: index, to: "\(index).png") }
        let targets = try makeTargets("s.hashdb")
        let broken = StubEncoder(fingerprint: "other", beforeBatch: { _ in throw ModelBroken() })
        var some = targets
        some[1] = try Ingest.Target(store: targets[1].store, encoder: broken)
        #expect(throws: ModelBroken.self) { try run(some) }
        #expect(try run(targets).allSatisfy { $0.added + $0.unchanged == 40 })
        for target in targets { #expect(try items(target.store).count == 40) }
    }
}
