import CodeFiles
import Foundation
import HashDB
import TestSupport
import Testing

/// A name that was mistaken costs nobody a store, a photograph, or the other of two files.
@Suite struct OutputPlaceTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.create(at: folder.file("s.hashdb"), bitWidth: 16)
        try store.write { try $0.insert(7, code: BinaryCode(bytes: [0x01, 0xab])) }
    }

    private func export(_ name: String, ids: String? = nil, format: CodeFormat? = nil) throws {
        var options = CodeFileOptions()
        options.format = format
        _ = try store.read {
            try $0.exportCodes(to: folder.file(name), ids: ids.map { folder.file($0) }, options: options)
        }
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
    }

    /// Expects an error that names the file and the way out, and that nothing in the folder has changed.
    private func expectRefusal(
        _ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) throws {
        func files() -> [String: [UInt8]] {
            // Readers leave their numbers in a lock file.
            let names = folder.names.filter { !$0.hasSuffix("-lock") }
            return Dictionary(uniqueKeysWithValues: names.map { ($0, (try? folder.bytes(of: $0)) ?? []) })
        }
        let (names, before) = (folder.names.sorted(), files())
        let error = #expect(throws: CodeFileError.self, sourceLocation: sourceLocation) { try body() }
        let message = error?.description ?? ""
        #expect(message.hasPrefix(folder.file(name) + ": "), sourceLocation: sourceLocation)
        #expect(message.contains(text), Comment(rawValue: message), sourceLocation: sourceLocation)
        #expect(folder.names.sorted() == names, sourceLocation: sourceLocation)
        #expect(files() == before, sourceLocation: sourceLocation)
    }

    @Test func aStoreIsNeverReplaced() throws {
        try Store.create(at: folder.file("other"), bitWidth: 16).write { try $0.insert(1, code: BinaryCode(zeros: 16)) }
        try link("soft", to: "other")
        try FileManager.default.linkItem(atPath: folder.file("other"), toPath: folder.file("hard"))
        for name in ["other", "soft", "hard"] {
            let path = folder.file(name)
            let text = "a store is there; choose another name"
            try expectRefusal(name, text) { _ = try CodeWriter(path: path, count: 1, bitWidth: 8) }
            try expectRefusal(name, text) { _ = try IDWriter(path: path, count: 1) }
            try expectRefusal(name, text) { _ = try GroundTruthWriter(path: path, kind: .range) }
            for format in RoundTripTests.writable {
                try expectRefusal(name, text) { try export(name, format: format) }
            }
            try expectRefusal(name, text) { try export("codes.npy", ids: name) }
        }
    }

    @Test(arguments: RoundTripTests.writable) func anExportReplacesItsOwnFormatAlone(format: CodeFormat) throws {
        let pictures: [[UInt8]] = [
            [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1],
            [0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9],
            Array("{\"action\": \"trash\", \"from\": \"/a.jpg\"}\n".utf8), Array("<svg width=\"9\"/>\n".utf8),
        ]
        for picture in pictures {
            try folder.write(picture, to: "picture")
            let text = "something else is there; choose another name"
            try expectRefusal("picture", text) { try export("picture", format: format) }
            try expectRefusal("picture", text) { try export("codes.npy", ids: "picture") }
        }
        try folder.write([], to: "empty")
        for name in ["empty", "new"] {
            try export(name, format: format)
            let bytes = try folder.bytes(of: name)
            try store.write { try $0.insert(8, code: BinaryCode(zeros: 16)) }
            try export(name, format: format)
            #expect(try folder.bytes(of: name).count > bytes.count)
            try store.write { _ = try $0.delete(8) }
            try export(name, format: format)
            #expect(try folder.bytes(of: name) == bytes)
        }
        // So does one of no codes.
        try store.write { _ = try $0.delete(7) }
        for _ in 0..<2 { try export("none", format: format) }
    }

    @Test func groundTruthReplacesGroundTruthAlone() throws {
        let path = folder.file("gt.bin")
        func write(_ answers: [[Match]], _ kind: GroundTruthKind) throws {
            let writer = try GroundTruthWriter(path: path, kind: kind)
            for answer in answers { try writer.append(answer) }
            try writer.finish()
        }
        let answer = [Match(id: 3, distance: 1), Match(id: 5, distance: 2)]
        for answers in [[answer, answer], [], [answer]] {
            for kind in GroundTruthKind.allCases { try write(answers, kind) }
        }
        // Queries, 16 of 64 bits, are as long as eight answers within a radius to 16.
        let codes = (0..<128).map { UInt8($0) | 1 }
        try folder.write([16, 0, 0, 0, 8, 0, 0, 0] + codes, to: "gt.bin")
        for kind in GroundTruthKind.allCases {
            try expectRefusal("gt.bin", "choose another name") { try write([answer], kind) }
        }
    }

    @Test func codesAndIDsAreTwoFilesByWhateverNames() throws {
        try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: false)
        try link("same", to: "folder")
        try export("a.npy", ids: "i.npy")
        try link("soft.npy", to: "a.npy")
        try FileManager.default.linkItem(atPath: folder.file("a.npy"), toPath: folder.file("hard.npy"))
        for (codes, ids) in [
            ("a.npy", "a.npy"), ("a.npy", "./a.npy"), ("a.npy", "soft.npy"), ("soft.npy", "hard.npy"),
            ("new.npy", "folder/../new.npy"), ("folder/new.npy", "same/new.npy"),
        ] {
            try expectRefusal(codes, "is named for codes and for ids; name two files") { try export(codes, ids: ids) }
            #expect(!folder.names.contains("new.npy"))
        }
        try export("folder/a.npy", ids: "same/i.npy")
        #expect(try contents(folder.file("folder/a.npy")).packedCodes == [0x01, 0xab])
    }

    private struct Stop: Error {}

    @Test func aLinkStaysAndWhatItLeadsToIsReplacedWhenTheFileIsWhole() throws {
        try export("a.csv")
        try link("soft.csv", to: "a.csv")
        chmod(folder.file("a.csv"), 0o600)
        try store.write { try $0.insert(8, code: BinaryCode(zeros: 16)) }
        let before = try folder.bytes(of: "a.csv")
        #expect(throws: Stop.self) {
            try store.read { try $0.exportCodes(to: folder.file("soft.csv"), name: { _ in throw Stop() }) }
        }
        #expect(try folder.bytes(of: "a.csv") == before)
        try export("soft.csv")
        #expect(try folder.text(of: "a.csv") == "id,code,name\n7,01ab,\n8,0000,\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("soft.csv")) == "a.csv")
        var status = stat()
        let found = stat(folder.file("a.csv"), &status)
        #expect(found == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        // An archive, which is no stream.
        try export("a.npz")
        try link("soft.npz", to: "a.npz")
        try export("soft.npz")
        #expect(!folder.names.contains { $0.hasSuffix(".partial") })
        try link("nowhere.npy", to: "none/a.npy")
        try expectRefusal("nowhere.npy", "leads nowhere; choose another name") { try export("nowhere.npy") }
    }

    @Test func nothingIsWrittenThroughALinkThatLiesInWait() throws {
        try folder.write([1, 2, 3], to: "victim")
        try link("a.npy.partial-\(getpid())", to: "victim")
        try export("a.npy")
        #expect(try folder.bytes(of: "victim") == [1, 2, 3])
        #expect(try contents(folder.file("a.npy")).packedCodes == [0x01, 0xab])
    }

    @Test func devicesAndPipesAreWrittenTo() throws {
        let pipe = folder.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDWR)
        defer { close(reader) }
        try export("pipe", format: .hex)
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = read(reader, &bytes, bytes.count)
        #expect(count == 5 && bytes.starts(with: "01ab\n".utf8))
        var options = CodeFileOptions()
        options.format = .npy
        #expect(try store.read { try $0.exportCodes(to: "/dev/null", options: options) } == 1)
    }
}
