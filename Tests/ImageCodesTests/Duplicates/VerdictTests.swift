import Foundation
import HashDB
import Testing

import ImageCodes

/// What is remembered of images in files of several collections.
@Suite struct VerdictTests {
    private let directory: TemporaryDirectory
    private var path: String { directory["store"].string }

    init() throws {
        directory = try TemporaryDirectory()
        for seed in 1...3 { try directory.write(TestImages.picture(seed: UInt64(seed)), to: "\(seed).png") }
    }

    private func open(_ model: ImageModel) throws -> Store {
        var options = Store.Options()
        options.synchronous = false
        return try Store.forImages(at: path, model: model, options: options)
    }

    private func content(_ name: String) throws -> ImageContent {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory[name].string)))
        return ImageContent(hash: ContentHash(of: bytes), size: UInt64(bytes.count))
    }

    private func ingest(into store: Store, _ model: ImageModel, _ names: String...) throws {
        _ = try Ingest(store: store, model: model).run(names.map { directory[$0] })
    }

    private func returned(_ store: Store) throws -> [ImagePath] {
        try store.read { snapshot in
            try DuplicateSearch(tier: .near, radius: 4).run(snapshot, store: directory["store"]).0.returned.map(\.path)
        }
    }

    /// Codes of one width and of another.
    @Test(arguments: [ImageModel.perceptual(.pdq), .perceptual(.phash)])
    func collectionsThatComeLaterKnowWhatIsRemembered(model: ImageModel) throws {
        let first = try open(.perceptual(.dhash))
        try ingest(into: first, .perceptual(.dhash), "1.png", "2.png", "3.png")
        let (one, two, three) = (try content("1.png"), try content("2.png"), try content("3.png"))
        #expect(try Store.setAreDifferent([one, two, one], true, in: [first]) == 1)
        try first.noteDropped(three, at: directory["3.png"])

        let second = try open(model)
        #expect(try second.read { try $0.areDifferent(one, two) })
        try ingest(into: second, model, "1.png", "2.png")
        #expect(try returned(second).isEmpty)
        try ingest(into: second, model, "3.png")
        #expect(try returned(second) == [directory["3.png"]])

        // What has been taken back does not come again, and what one that is there already has missed does.
        #expect(try Store.setAreDifferent([one, two], false, in: [first, second]) == 1)
        #expect(try Store.setAreDifferent([two, three], true, in: [first]) == 1)
        let again = try open(model)
        #expect(try again.read { try $0.verdicts().count } == 1)
        #expect(try again.read { try $0.areDifferent(three, two) })
    }

    @Test func aDamagedCollectionKeepsNobodyFromTheOthers() throws {
        let (one, two) = (try content("1.png"), try content("2.png"))
        let names = [one, two].map { "\($0.hash):\(String($0.size, radix: 16))" }.sorted()
        let key = "different:" + names.joined(separator: " ")
        do {
            let store = try open(.perceptual(.dhash))
            #expect(try Store.setAreDifferent([one, two], true, in: [store]) == 1)
        }
        // The checksum of what is remembered lies behind its name.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var (start, found) = (bytes.startIndex, 0)
        while let range = bytes.range(of: Data(key.utf8), in: start..<bytes.endIndex) {
            bytes[range.upperBound] ^= 1
            (start, found) = (range.upperBound, found + 1)
        }
        #expect(found > 0)
        let copy = directory["copy"].string
        try bytes.write(to: URL(fileURLWithPath: copy))
        for _ in 0..<2 {
            let store = try Store.forImages(at: copy, model: .perceptual(.pdq))
            #expect(try store.read { try $0.verdicts().isEmpty })
            try ingest(into: store, .perceptual(.pdq), "1.png")
        }
        #expect {
            try Store.open(at: copy).read { _ = try $0.verdicts() }
        } throws: { error in
            if case HashDBError.damaged = error { true } else { false }
        }
    }

    @Test func onlyWhatWasRememberedIsForgotten() throws {
        let store = try open(.perceptual(.dhash))
        let contents = try ["1.png", "2.png", "3.png"].map(content)
        #expect(try Store.setAreDifferent(contents, false, in: [store]) == 0)
        #expect(try Store.setAreDifferent(Array(contents.prefix(2)), true, in: [store]) == 1)
        #expect(try Store.setAreDifferent(contents, true, in: [store]) == 3)
        #expect(try Store.setAreDifferent(contents, false, in: [store]) == 3)
        #expect(try Store.setAreDifferent(contents, false, in: [store, store]) == 0)
    }
}
