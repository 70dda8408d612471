import HashDB
import ImageCodes
import TestSupport
import Testing

/// Contents that many files have.
@Suite struct ManyPlacesTests {
    private let bench: IngestBench
    private let new: NewImage

    init() throws {
        bench = try IngestBench()
        new = NewImage(code: try BinaryCode(bytes: [UInt8](repeating: 5, count: 8)), width: 4, height: 4)
    }

    private struct File {
        var name: Int
        var content: UInt64
        var time: Int64
        var inode: UInt64
    }

    private func path(_ name: Int) -> ImagePath { bench.directory["photos/\(name)"] }

    private func content(_ number: UInt64) -> ImageContent {
        ImageContent(hash: ContentHash(high: 0, low: number), size: 9)
    }

    private func found(_ file: File) -> FoundImage {
        let path = path(file.name)
        let place = ImagePlace(
            root: 0, path: path.relative(to: ImagePath("/")), modificationTime: file.time, inode: file.inode)
        return FoundImage(path: path, place: place, content: content(file.content))
    }

    /// If all places before were looked at for each, this took many minutes.
    @Test(.timeLimit(.minutes(2))) func eachFurtherFileOfAContentCostsTheSame() throws {
        let files = 0..<30_000
        for time in [1, 2] as [Int64] {
            let changes = try bench.store.write { transaction in
                var images = OpenImages()
                var detached: [UInt64] = []
                var changes: [ImageChange: Int] = [:]
                for number in files {
                    let file = found(File(name: number, content: 1, time: time, inode: UInt64(number + 1)))
                    let change = try transaction.put(
                        file, new, among: &images, isGone: { _ in false }, detached: &detached)
                    changes[change, default: 0] += 1
                }
                try images.write(into: &transaction)
                return changes
            }
            let expected: [ImageChange: Int] =
                time == 1 ? [.added: 1, .copied: files.count - 1] : [.touched: files.count]
            #expect(changes == expected)
        }
        let image = try #require(try bench.store.read { try $0.image(with: content(1)) })
        #expect(image.record.places.map(\.inode) == files.map { UInt64($0 + 1) })
        #expect(image.record.places.allSatisfy { $0.modificationTime == 2 })
    }

    @Test func filesPutTogetherAreAsThosePutOneByOne() throws {
        var generator = SplitMix64(seed: 13)
        let other = try IngestBench.makeStore(in: bench.directory, name: "other.hashdb")
        var seen: Set<ImageChange> = []
        for _ in 0..<60 {
            let files = (0..<20).map { _ in
                File(
                    name: .random(in: 0..<15, using: &generator), content: .random(in: 0..<4, using: &generator),
                    time: .random(in: 0..<2, using: &generator), inode: .random(in: 0..<6, using: &generator))
            }
            let names = (0..<15).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
            let gone = Set(names.map { path($0).relative(to: ImagePath("/")) })
            var (detached, otherDetached): ([UInt64], [UInt64]) = ([], [])
            let changes = try bench.store.write { transaction in
                var images = OpenImages()
                var changes: [ImageChange] = []
                for file in files {
                    changes.append(
                        try transaction.put(
                            found(file), new, among: &images, isGone: { gone.contains($0.path) }, detached: &detached))
                }
                try images.write(into: &transaction)
                return changes
            }
            let otherChanges = try other.write { transaction in
                var changes: [ImageChange] = []
                for file in files {
                    changes.append(
                        try transaction.put(
                            found(file), new, isGone: { gone.contains($0.path) }, detached: &otherDetached))
                }
                return changes
            }
            #expect(changes == otherChanges && detached == otherDetached)
            seen.formUnion(changes)
            #expect(try contents(of: bench.store) == contents(of: other))
        }
        #expect(seen.isSuperset(of: [.added, .changed, .moved, .copied, .linked, .touched, .unchanged]))
    }

    /// All attributes and payloads.
    private func contents(of store: Store) throws -> [String: [UInt8]] {
        try store.read { snapshot in
            var contents: [String: [UInt8]] = [:]
            try snapshot.forEachAttribute(withPrefix: "") { key, value in
                contents[key] = value
                return true
            }
            try snapshot.forEachItem { item in
                contents["item \(item.id)"] = item.payload
                return true
            }
            return contents
        }
    }

    @Test func aContentOfManyFilesIsFollowed() throws {
        for number in 0..<200 { try bench.write(seed: 1, to: "\(number).png") }
        let encoder = StubEncoder()
        let first = try bench.ingest(encoder: encoder) {
            $0.commitCount = 20
            $0.batch = 4
        }
        #expect(first.added == 1 && first.copied == 199 && encoder.batches == [1])
        let second = try bench.ingest()
        #expect(second.unchanged == 200 && second.bytesRead == 0)
        for number in 0..<200 where number % 4 > 0 { try bench.directory.remove("photos/\(number).png") }
        let third = try bench.ingest { $0.removesVanished = true }
        #expect(third.unchanged == 50 && third.vanished == 150)
        #expect(try bench.items().count == 50)
    }
}
