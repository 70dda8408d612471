import Foundation
import HashDB
import ImageCodes
import Testing

/// A directory of images, a store, and runs of `Ingest`.
struct IngestBench {
    let directory: TemporaryDirectory
    let store: Store

    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("photos")
        store = try IngestBench.makeStore(in: directory)
    }

    /// The same with a store that is opened in another way.
    init(in directory: TemporaryDirectory, store: Store) {
        self.directory = directory
        self.store = store
    }

    static func makeStore(in directory: TemporaryDirectory, name: String = "store.hashdb") throws -> Store {
        var options = Store.Options()
        options.synchronous = false
        return try Store.create(
            at: directory[name].string, bitWidth: 64, model: ModelIdentity(name: "stub", fingerprint: "stub"),
            options: options)
    }

    @discardableResult
    func write(seed: Int, to name: String) throws -> ImagePath {
        try directory.write(TestImages.picture(seed: UInt64(seed)), to: "photos/" + name)
    }

    func ingest(
        _ names: [String] = ["photos"], encoder: StubEncoder = StubEncoder(),
        cancellation: IngestCancellation = .init(),
        _ configure: (inout Ingest.Options) -> Void = { _ in }, observe: (IngestEvent) -> Void = { _ in }
    ) throws -> IngestSummary {
        var options = Ingest.Options()
        configure(&options)
        let ingest = try Ingest(store: store, encoder: encoder, options: options)
        return try ingest.run(names.map { directory[$0] }, cancellation: cancellation, observe: observe)
    }

    /// Every file of the store: the path below the directory, and the id of its content.
    func items() throws -> [String: UInt64] {
        try store.read { snapshot in
            try snapshot.checkInvariants()
            var items: [String: UInt64] = [:]
            try snapshot.forEachImage { image, _ in
                #expect(try snapshot.image(with: image.record.content) == image)
                #expect(!image.record.places.isEmpty)
                for path in try snapshot.imagePaths(of: image.id) {
                    let old = items.updateValue(
                        image.id, forKey: String(path.description.dropFirst(directory.path.bytes.count + 1)))
                    #expect(old == nil)
                    #expect(try snapshot.image(at: path)?.id == image.id)
                }
                return true
            }
            return items
        }
    }

    /// What the store should hold of an image: the code from decoding it here, now.
    func expectedCode(of path: ImagePath) throws -> BinaryCode {
        let encoder = StubEncoder()
        let image = try ImageDecoder(shape: encoder.input).decode(path: path)
        return try BinaryCode(bytes: encoder.encode(pixels: image.pixels, count: 1))
    }

    /// Changes a file's modification time, by seconds.
    func touch(_ name: String, by seconds: Double) throws {
        let path = directory["photos/" + name].string
        let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date ?? Date()
        try FileManager.default.setAttributes([.modificationDate: date + seconds], ofItemAtPath: path)
    }
}

@Suite struct IngestTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    @Test func everyImageIsStoredWithItsCodeAndRecord() throws {
        for index in 0..<100 { try bench.write(seed: index, to: "\(index % 7)/\(index).png") }
        let summary = try bench.ingest()
        #expect(summary.added == 100 && summary.failed == 0 && summary.changed == 0 && !summary.wasCancelled)
        #expect(summary.bytesRead > 0 && summary.work.decoding > .zero && summary.work.encoding > .zero)
        try bench.store.read { snapshot in
            #expect(snapshot.count == 100)
            try snapshot.forEachItem { item in
                let record = try ImageRecord(decoding: item.payload ?? [])
                let path = try #require(try snapshot.imagePaths(of: item.id).first)
                #expect(try item.code == bench.expectedCode(of: path))
                #expect((record.width, record.height) == (24, 18))
                let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
                #expect(record.contentHash == ContentHash(of: data) && record.size == UInt64(data.count))
                return true
            }
        }
    }

    @Test(arguments: [Int.min, 0, .max]) func numbersThatMakeNoSenseAreBounded(number: Int) throws {
        for index in 0..<3 { try bench.write(seed: index, to: "\(index).png") }
        let summary = try bench.ingest {
            $0.batch = number
            $0.commitCount = number
            $0.decodingThreads = min(number, 2)
        }
        #expect(summary.added == 3 && summary.failed == 0)
    }

    @Test func idsFollowTheOrderOfPathsWhateverTheThreadsDo() throws {
        for index in 0..<300 { try bench.write(seed: index, to: "\(index % 10)/\(index).png") }
        _ = try bench.ingest {
            $0.batch = 8; $0.decodingThreads = 8
        }
        let items = try bench.items()
        let sorted = items.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        #expect(sorted.map { items[$0] } == (0..<300).map { UInt64($0) })
    }

    @Test func unchangedFilesAreNotReadAgain() throws {
        for index in 0..<20 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        let encoder = StubEncoder()
        let summary = try bench.ingest(encoder: encoder)
        #expect(summary.unchanged == 20 && summary.added == 0 && summary.bytesRead == 0 && encoder.batches.isEmpty)
        #expect(try bench.items() == before)
    }

    @Test func aChangedFileIsAnotherImage() throws {
        for index in 0..<20 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        let path = try bench.write(seed: 999, to: "7.png")
        try bench.touch("7.png", by: 5)
        let summary = try bench.ingest()
        #expect(summary.changed == 1 && summary.unchanged == 19 && summary.added == 0)
        let after = try bench.items()
        #expect(after.filter { $0.key != "photos/7.png" } == before.filter { $0.key != "photos/7.png" })
        let (old, new) = (try #require(before["photos/7.png"]), try #require(after["photos/7.png"]))
        try bench.store.read { snapshot in
            let isOldThere = try snapshot.contains(old)
            #expect(!isOldThere && snapshot.count == 20)
            let code = try snapshot.code(of: new)
            #expect(try code == bench.expectedCode(of: path))
        }
    }

    @Test func filesWithTheSameBytesAreNotEncodedAgain() throws {
        for index in 0..<5 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        try bench.touch("3.png", by: 60)
        let encoder = StubEncoder()
        #expect(try bench.ingest(encoder: encoder).touched == 1)
        #expect(encoder.batches.isEmpty)
        #expect(try bench.ingest().unchanged == 5)
    }

    @Test func vanishedFilesAreRemovedOnRequestOnly() throws {
        for index in 0..<10 { try bench.write(seed: index, to: "a/\(index).png") }
        for index in 10..<20 { try bench.write(seed: index, to: "b/\(index).png") }
        _ = try bench.ingest()
        try bench.directory.remove("photos/a")
        try bench.directory.remove("photos/b/12.png")
        #expect(try bench.ingest().vanished == 0)
        #expect(try bench.items().count == 20)
        let summary = try bench.ingest { $0.removesVanished = true }
        #expect(summary.vanished == 11 && summary.unchanged == 9)
        #expect(try bench.items().count == 9)
        try bench.write(seed: 12, to: "b/12.png")
        #expect(try bench.ingest().added == 1)
    }

    @Test func onlyWhatIsBelowTheDirectoriesIsRemoved() throws {
        for (seed, name) in ["a", "ab", "c"].enumerated() { try bench.write(seed: seed, to: "\(name)/1.png") }
        try bench.write(seed: 7, to: "a/2.png")
        _ = try bench.ingest()
        for name in ["a/1.png", "ab/1.png", "c/1.png"] { try bench.directory.remove("photos/" + name) }
        let summary = try bench.ingest(["photos/a"]) { $0.removesVanished = true }
        #expect(summary.vanished == 1)
        #expect(try Set(bench.items().keys) == ["photos/a/2.png", "photos/ab/1.png", "photos/c/1.png"])
    }

    @Test func aDirectoryWithoutAnyEntryRemovesNothing() throws {
        try bench.write(seed: 1, to: "disk/1.png")
        _ = try bench.ingest()
        try bench.directory.remove("photos/disk/1.png")
        var kept: [ImagePath] = []
        let summary = try bench.ingest(["photos/disk"]) {
            $0.removesVanished = true
        } observe: { event in
            if case .keptVanished(let path) = event { kept.append(path) }
        }
        #expect(summary.vanished == 0 && kept == [bench.directory["photos/disk"]])
        #expect(try bench.ingest { $0.removesVanished = true }.vanished == 1)
    }

    @Test func aDirectoryThatGoesAwayMeanwhileRemovesNothing() throws {
        for index in 0..<3 { try bench.write(seed: index, to: "disk/\(index).png") }
        _ = try bench.ingest(["photos/disk"])
        try bench.write(seed: 3, to: "disk/3.png")
        try bench.directory.remove("photos/disk/0.png")
        let (old, new) = (bench.directory["photos/disk"].string, bench.directory["away"].string)
        let encoder = StubEncoder(beforeBatch: { _ in
            try check(rename(old, new), "rename")
            // What a disk is mounted at need not be empty.
            try FileManager.default.createDirectory(atPath: old + "/other", withIntermediateDirectories: true)
        })
        var kept = 0
        let summary = try bench.ingest(["photos/disk"], encoder: encoder) {
            $0.removesVanished = true
        } observe: { event in
            if case .keptVanished = event { kept += 1 }
        }
        #expect(summary.added == 1 && summary.vanished == 0 && kept == 1)
        #expect(try bench.items().count == 4)
    }

    @Test func severalDirectoriesGoIntoOneStore() throws {
        for index in 0..<6 { try bench.write(seed: index, to: "\(["a", "b", "c"][index % 3])/\(index).png") }
        #expect(try bench.ingest(["photos/a", "photos/b"]).added == 4)
        #expect(try bench.ingest(["photos/c"]).added == 2)
        #expect(try bench.ingest(["photos/b", "photos", "photos/c"]).unchanged == 6)
        #expect(try bench.items().count == 6)
    }

    @Test func twoFilesOfOneContentAreOneItem() throws {
        for name in ["1.png", "2.png"] { try bench.write(seed: 4, to: name) }
        let encoder = StubEncoder()
        let summary = try bench.ingest(encoder: encoder)
        #expect(summary.added == 1 && summary.copied == 1 && encoder.batches == [1])
        let code = try bench.expectedCode(of: bench.directory["photos/1.png"])
        #expect(try bench.store.nearest(to: code, count: 5) == [Match(id: 0, distance: 0)])
        #expect(try bench.items() == ["photos/1.png": 0, "photos/2.png": 0])
    }

    @Test func anotherModelIsRefused() throws {
        let other = StubEncoder(fingerprint: "other")
        #expect(throws: HashDBError.modelMismatch(store: bench.store.model, given: other.identity)) {
            try bench.ingest(encoder: other)
        }
    }

    @Test func aMissingDirectoryIsAnErrorAndChangesNothing() throws {
        #expect(throws: ImageCodesError.self) { try bench.ingest(["photos", "nothing"]) }
        #expect(try bench.store.count == 0)
    }

    @Test func itemsDeletedByOthersAreIngestedAgain() throws {
        for index in 0..<4 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        try bench.store.write { transaction in
            #expect(try transaction.delete(1))
            #expect(try transaction.delete(3))
            // The id is taken by something else meanwhile.
            try transaction.insert(3, code: BinaryCode(bytes: [UInt8](repeating: 0, count: 8)))
        }
        #expect(try bench.ingest().added == 2)
        #expect(try bench.store.count == 5)
    }

    @Test func theTotalIsCountedAndProgressEndsAtIt() throws {
        for index in 0..<50 { try bench.write(seed: index, to: "\(index).png") }
        try bench.directory.write([1, 2, 3], to: "photos/broken.png")
        try bench.directory.write([1, 2, 3], to: "photos/notes.txt")
        var last = IngestProgress()
        let summary = try bench.ingest {
            $0.batch = 16
        } observe: { event in
            if case .progress(let progress) = event {
                #expect(progress.handled >= last.handled && progress.committed >= last.committed)
                last = progress
            }
        }
        #expect(last.total == 51 && last.isTotalKnown && last.handled == 51 && last.committed == 50 && last.failed == 1)
        #expect(last.secondsLeft == nil || last.secondsLeft == 0)
        #expect(summary.skipped == [.notAnImage: 1])
    }
}
