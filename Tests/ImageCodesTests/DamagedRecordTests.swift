import HashDB
import ImageCodes
import Testing

/// What a store has beside the codes, and is not what it should be.
@Suite struct DamagedRecordTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    @Test func damagedRecordsAreNamedWithTheirStoreAndId() throws {
        for index in 0..<4 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        #expect(try bench.store.damagedImageRecords().isEmpty)
        let (first, second) = try bench.store.read { (try $0.payload(of: 1) ?? [], try $0.payload(of: 2) ?? []) }
        var record = try ImageRecord(decoding: second)
        record.places[0].root = 77
        try bench.store.write { transaction in
            try transaction.setPayload(Array(first.dropLast()), of: 1)
            try transaction.setPayload(record.encoded, of: 2)
            // Something else.
            try transaction.setPayload([0x4e, 1], of: 3)
        }
        let cut = first.count - 1
        let found = try bench.store.damagedImageRecords()
        let path = bench.store.path
        #expect(
            found == [
                .damaged(store: path, item: 1, reason: "has \(cut) bytes instead of \(cut + 1)"),
                .damaged(store: path, item: 2, reason: "has an impossible root"),
            ])
        #expect(
            found.first?.description == """
                \(path): the record of the image of id 1 has \(cut) bytes instead of \(cut + 1); delete the item, and \
                ingest its files again
                """)
        let error = #expect(throws: ImageRecordError.self) { try bench.store.read { try $0.imagePaths(of: 1) } }
        #expect(error?.description.hasPrefix("the record of the image of id 1 has ") == true)
        // The way out.
        try bench.store.write { transaction in for id in [1, 2] as [UInt64] { try transaction.delete(id) } }
        // With the one that became something else.
        #expect(try bench.ingest().added == 3)
        #expect(try bench.store.damagedImageRecords().isEmpty)
    }

    @Test func aDamagedListOfRootsIsNamedWithItsStore() throws {
        try bench.write(seed: 1, to: "1.png")
        try bench.store.write { try $0.setAttribute([2], forKey: "image-roots") }
        let error = #expect(throws: ImageRecordError.self) { try bench.ingest() }
        let beginning = "\(bench.store.path): the list of its folders (attribute image-roots) has version 2, "
        #expect(error?.description.hasPrefix(beginning) == true)
        #expect(try bench.store.damagedImageRecords() == [error].compactMap { $0 })
    }

    @Test(arguments: ["I", "I am a program's", "I\u{1}", "I\u{2}"])
    func payloadsOfProgramsAreNoRecords(text: String) throws {
        let id = try bench.store.write { transaction in
            try transaction.insert(
                code: BinaryCode(bytes: [UInt8](repeating: 1, count: 8)), payload: Array(text.utf8))
        }
        #expect(try bench.store.read { try $0.imageRecord(of: id) } == nil)
        #expect(try bench.store.read { try $0.imagePaths(of: id) }.isEmpty)
        #expect(try bench.store.damagedImageRecords().isEmpty)
    }

    /// After the largest number none comes.
    @Test(arguments: [UInt32.max - 1, .max]) func rootsOfLargeNumbersLeaveRoomForOthers(number: UInt32) throws {
        let head: [UInt8] = [1, 1, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        let roots: [UInt8] = head + [2, 0] + Array("/a".utf8)
        try bench.store.write { try $0.setAttribute(roots, forKey: "image-roots") }
        let names = ["photos", "second", "third"]
        for (seed, name) in names.enumerated() {
            try bench.directory.write(TestImages.picture(seed: UInt64(seed)), to: "\(name)/1.png")
            #expect(try bench.ingest([name]).added == 1)
        }
        let expected: [UInt32] = number == .max ? [1, 2, 3, .max] : [1, 2, .max - 1, .max]
        #expect(try bench.store.read { try $0.imageRoots() }.all.map(\.id) == expected)
        #expect(try bench.ingest(names).unchanged == 3)
        #expect(try Set(bench.items().keys) == Set(names.map { "\($0)/1.png" }))
    }
}
