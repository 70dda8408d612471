import CodeFiles
import HashDB
import TestSupport
import Testing

/// Files cut off, with bytes changed, or of any bytes at all are read or refused, and never end the program.
@Suite struct DamagedFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func good(_ format: CodeFormat) throws -> [UInt8] {
        let path = try Samples.nine(in: folder, format).path
        return try folder.bytes(of: String(path.dropFirst(folder.path.count + 1)))
    }

    private func tryToRead(_ bytes: [UInt8], _ format: CodeFormat) throws {
        let path = try folder.write(bytes, to: "bad." + format.suffixes[0])
        var options = CodeFileOptions()
        if format == .records { options.bitCount = 24 }
        do {
            _ = try contents(path, options)
        } catch let error as CodeFileError {
            #expect(!error.description.contains("\n"))
        } catch is HashDBError {}
    }

    @Test(arguments: CodeFormat.allCases) func survivesFilesThatAreCutOff(format: CodeFormat) throws {
        let bytes = try good(format)
        for length in 0..<bytes.count { try tryToRead(Array(bytes[..<length]), format) }
    }

    @Test(arguments: CodeFormat.allCases) func survivesChangedBytes(format: CodeFormat) throws {
        let bytes = try good(format)
        var generator = SplitMix64(seed: 7)
        for _ in 0..<1500 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<changed.count, using: &generator)
                changed[index] = [0, 0xff, 0x7f, 0x80, .random(in: 0...255, using: &generator)].randomElement(
                    using: &generator)!
            }
            try tryToRead(changed, format)
        }
    }

    @Test(arguments: CodeFormat.allCases) func survivesAnyBytes(format: CodeFormat) throws {
        var generator = SplitMix64(seed: 8)
        let alphabet = Array("0123456789abcdef,\t\n\"{}[]:\\u \r#".utf8)
        let start = try good(format).prefix(20)
        for round in 0..<600 {
            let count = Int.random(in: 0...200, using: &generator)
            let bytes = (0..<count).map { _ in
                round % 2 == 0
                    ? UInt8.random(in: 0...255, using: &generator) : alphabet.randomElement(using: &generator)!
            }
            try tryToRead(bytes, format)
            try tryToRead(start + bytes, format)
        }
    }

    @Test func recordsAreAllThereOrAnError() throws {
        let bytes = try good(.records)
        var options = CodeFileOptions()
        options.bitCount = 24
        #expect(try contents(folder.write(bytes, to: "whole.records"), options).ids?.count == 9)
        for length in 0..<bytes.count {
            let path = try folder.write(Array(bytes[..<length]), to: "cut.records")
            let error = #expect(throws: CodeFileError.self) { try contents(path, options) }
            #expect(error?.description.contains("cut off after \(max(0, length - 4) / 11) records") == true)
        }
        #expect(throws: CodeFileError.self) { try contents(folder.write(bytes + [0], to: "long.records"), options) }
    }

    @Test func aChangedByteInAnArchiveIsFound() throws {
        var bytes = try good(.npz)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x93, 0x4e]) }) + 130
        bytes[place] ^= 1
        let path = try folder.write(bytes, to: "bad.npz")
        let error = #expect(throws: CodeFileError.self) { try contents(path) }
        #expect(error?.description.contains("checksum") == true)
    }
}
