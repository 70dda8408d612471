import Foundation
import HashDB
import ImageCodes
import Testing

/// Files that move, are copied, linked and changed: which of them are encoded, and what becomes of ids.
@Suite struct IdentityTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
    }

    /// A run that has to do without the encoder.
    private func ingestWithoutEncoding(_ names: [String] = ["photos"], sync: Bool = false) throws -> IngestSummary {
        let encoder = StubEncoder()
        let summary = try bench.ingest(names, encoder: encoder) { $0.removesVanished = sync }
        #expect(encoder.batches.isEmpty && summary.encoded == 0)
        return summary
    }

    private func move(_ old: String, _ new: String) throws {
        let new = bench.directory["photos/" + new].string
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: new).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try check(rename(bench.directory["photos/" + old].string, new), "rename")
    }

    @Test func movedFilesKeepTheirIdsAndAreNotEvenRead() throws {
        for index in 0..<10 { try bench.write(seed: index, to: "a/\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        try move("a/3.png", "b/new.png")
        let summary = try ingestWithoutEncoding()
        #expect(summary.moved == 1 && summary.unchanged == 9 && summary.bytesRead == 0)
        try move("a", "c")
        let second = try ingestWithoutEncoding(sync: true)
        #expect(second.moved == 9 && second.unchanged == 1 && second.vanished == 0 && second.bytesRead == 0)
        let after = try bench.items()
        #expect(after["photos/b/new.png"] == before["photos/a/3.png"])
        for index in [0, 1, 2, 4, 9] {
            #expect(after["photos/c/\(index).png"] == before["photos/a/\(index).png"])
        }
        #expect(after.count == 10)
    }

    @Test func filesMovedByCopyingAreKnownByTheirContent() throws {
        for index in 0..<4 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        // Another inode and another time: only the bytes are the same.
        try bench.write(seed: 2, to: "moved.png")
        try bench.directory.remove("photos/2.png")
        let summary = try ingestWithoutEncoding()
        #expect(summary.moved == 1 && summary.unchanged == 3 && summary.bytesRead > 0)
        #expect(try bench.items()["photos/moved.png"] == before["photos/2.png"])
    }

    @Test func filesThatChangeNamesWithOneAnotherKeepTheirIds() throws {
        for index in 0..<3 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        try move("0.png", "t")
        try move("2.png", "0.png")
        try move("1.png", "2.png")
        try move("t", "1.png")
        _ = try ingestWithoutEncoding(sync: true)
        let after = try bench.items()
        #expect(after["photos/0.png"] == before["photos/2.png"])
        #expect(after["photos/1.png"] == before["photos/0.png"])
        #expect(after["photos/2.png"] == before["photos/1.png"])
        #expect(after.count == 3)
    }

    @Test func aFileThatTakesAnothersPlaceKeepsItsId() throws {
        for index in 0..<2 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        try move("1.png", "0.png")
        let summary = try ingestWithoutEncoding()
        #expect(summary.moved == 1)
        #expect(try bench.items() == ["photos/0.png": before["photos/1.png"]])
        #expect(try bench.store.count == 1)
    }

    @Test func copiesAreFurtherPlacesAndLastAsLongAsOneIsLeft() throws {
        try bench.write(seed: 1, to: "a.png")
        _ = try bench.ingest()
        for name in ["b.png", "c/d.png"] { try bench.write(seed: 1, to: name) }
        #expect(try ingestWithoutEncoding().copied == 2)
        #expect(try bench.items() == ["photos/a.png": 0, "photos/b.png": 0, "photos/c/d.png": 0])
        try bench.directory.remove("photos/a.png")
        #expect(try ingestWithoutEncoding(sync: true).vanished == 1)
        try bench.write(seed: 2, to: "b.png")
        #expect(try bench.ingest().changed == 1)
        #expect(try bench.items() == ["photos/b.png": 1, "photos/c/d.png": 0])
    }

    @Test func namesOfOneFileAreReadOnceAndAreOneFile() throws {
        let first = try bench.write(seed: 1, to: "a.png")
        _ = try bench.ingest()
        try check(link(first.string, bench.directory["photos/b.png"].string), "link")
        try bench.write(seed: 1, to: "copy.png")
        let summary = try ingestWithoutEncoding()
        #expect(summary.linked == 1 && summary.copied == 1)
        let image = try #require(try bench.store.read { try $0.image(at: first) })
        #expect(image.record.places.count == 3 && image.record.files.map(\.count) == [2, 1])
        // Written to under either name, it changes under both.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: first.string))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(TestImages.picture(seed: 5)))
        try handle.close()
        let encoder = StubEncoder()
        #expect(try bench.ingest(encoder: encoder).changed == 2)
        #expect(encoder.batches == [1])
    }

    @Test func aFolderIsFoundAgainAtAnotherPlace() throws {
        for index in 0..<10 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        try check(rename(bench.directory["photos"].string, bench.directory["disk"].string), "rename")
        let summary = try ingestWithoutEncoding(["disk"], sync: true)
        #expect(summary.unchanged == 10 && summary.moved == 0 && summary.bytesRead == 0)
        let after = try bench.items()
        #expect(after.count == 10 && after["disk/4.png"] == before["photos/4.png"])
        let roots = try bench.store.read { try $0.imageRoots() }
        #expect(roots.all.map(\.location) == [bench.directory["disk"]])
    }

    @Test func theUserMaySayWhereAFolderWas() throws {
        for index in 0..<3 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        let before = try bench.items()
        // Restored from a backup that knows no times, with most files lost.
        try bench.directory.remove("photos")
        try bench.directory.write(TestImages.picture(seed: 1), to: "restored/1.png")
        #expect(throws: ImageCodesError.self) {
            try bench.ingest(["restored"]) { $0.movedFrom = bench.directory["other"] }
        }
        let summary = try bench.ingest(["restored"]) {
            $0.movedFrom = bench.directory["photos"]; $0.removesVanished = true
        }
        #expect(summary.touched == 1 && summary.vanished == 2 && summary.encoded == 0)
        #expect(try bench.items() == ["restored/1.png": before["photos/1.png"]])
    }

    @Test func aDiskThatIsAwayIsNotTakenForMoved() throws {
        for index in 0..<6 { try bench.write(seed: index, to: "\(index).png") }
        _ = try bench.ingest()
        try check(rename(bench.directory["photos"].string, bench.directory["away"].string), "rename")
        for index in 3..<9 {
            try bench.directory.write(TestImages.picture(seed: UInt64(index)), to: "other/\(index).png")
        }
        let summary = try bench.ingest(["other"]) { $0.removesVanished = true }
        #expect(summary.added == 3 && summary.copied == 3 && summary.vanished == 0)
        try check(rename(bench.directory["away"].string, bench.directory["photos"].string), "rename")
        #expect(try ingestWithoutEncoding().unchanged == 6)
        #expect(try bench.items().count == 12 && bench.store.count == 9)
    }

    @Test func foldersAboveAndBelowOthersShareTheirFiles() throws {
        for name in ["a/b/1.png", "a/2.png", "3.png"] { try bench.write(seed: name.utf8.count, to: name) }
        #expect(try bench.ingest(["photos/a"]).added == 2)
        #expect(try bench.ingest(["photos/a/b"]).unchanged == 1)
        let summary = try bench.ingest(["photos"])
        #expect(summary.added == 1 && summary.unchanged == 2)
        #expect(try bench.ingest(["photos/a/b/1.png", "photos/3.png"]).unchanged == 2)
        #expect(try bench.items().count == 3)
    }

    @Test func whatAnEarlierVersionPutInIsTakenOver() throws {
        for index in 0..<3 { try bench.write(seed: index, to: "\(index).png") }
        try bench.write(seed: 1, to: "equal.png")
        try bench.store.write { transaction in
            for (id, name) in ["0.png", "1.png", "2.png", "equal.png"].enumerated() {
                let path = bench.directory["photos/" + name]
                let payload = try recordOfVersion1(path)
                try transaction.insert(UInt64(id), code: bench.expectedCode(of: path), payload: payload)
                let key = "path:\(ContentHash(of: path.bytes))"
                try transaction.setAttribute([UInt8(id), 0, 0, 0, 0, 0, 0, 0], forKey: key)
            }
        }
        #expect(try bench.store.read { try $0.image(at: bench.directory["photos/2.png"]) }?.id == 2)
        try move("2.png", "moved.png")
        let summary = try ingestWithoutEncoding(sync: true)
        #expect(summary.unchanged == 3 && summary.moved == 1 && summary.vanished == 0)
        let expected: [String: UInt64] = [
            "photos/0.png": 0, "photos/1.png": 1, "photos/moved.png": 2, "photos/equal.png": 1,
        ]
        #expect(try bench.items() == expected)
        let roots = try bench.store.read { try Set($0.imageRecord(of: 1)?.places.map(\.root) ?? []) }
        #expect(roots == [1])
        #expect(try ingestWithoutEncoding().unchanged == 4)
    }

    private func recordOfVersion1(_ path: ImagePath) throws -> [UInt8] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
        var status = stat()
        try check(stat(path.string, &status), "stat")
        let time = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        let hash = ContentHash(of: bytes)
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        return [0x49, 1] + little(UInt16(path.bytes.count)) + little(UInt32(24)) + little(UInt32(18))
            + little(UInt64(bytes.count)) + little(time) + big(hash.high) + big(hash.low) + path.bytes
    }

    @Test func contentsDeletedDuringARunAreEncodedAgain() throws {
        for index in 0..<40 { try bench.write(seed: index, to: "a/\(index + 10).png") }
        _ = try bench.ingest()
        for index in 0..<40 { try bench.write(seed: index, to: "b/\(index + 10).png") }
        try bench.write(seed: 99, to: "0.png")
        let store = bench.store
        // By the time the one new image is encoded, the copies were read.
        let encoder = StubEncoder(beforeBatch: { count in
            if count == 1 { try store.write { for id in 0..<20 { try $0.delete(UInt64(id)) } } }
        })
        let summary = try bench.ingest(encoder: encoder)
        #expect(summary.failed == 0)
        let rest = try bench.ingest()
        #expect(rest.failed == 0)
        #expect(try bench.items().count == 81)
        try bench.store.read { snapshot in
            try snapshot.forEachImage { image, code in
                let path = try #require(try snapshot.imagePaths(of: image.id).first)
                #expect(try code == bench.expectedCode(of: path))
                return true
            }
        }
    }

    @Test func theLargestIdIsLookedAtOnce() throws {
        try bench.store.write { try $0.insert(.max, code: BinaryCode(bytes: [UInt8](repeating: 0, count: 8))) }
        #expect(try bench.ingest().added == 0)
    }
}
