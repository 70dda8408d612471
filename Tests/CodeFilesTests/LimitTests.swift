import CodeFiles
import Foundation
import HashDB
import TestSupport
import Testing

/// How many codes are asked for at a time is up to the caller, and may be any number.
@Suite struct LimitTests {
    static let limits = [Int.min, -1, 0, 1, 1 << 40, .max]

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: CodeFormat.allCases) func everyFormatTakesAnyLimit(format: CodeFormat) throws {
        let (path, options) = try Samples.nine(in: folder, format)
        let expected = try contents(path, options)
        #expect(expected.packedCodes.count == 27)
        for limit in Self.limits {
            #expect(try contents(path, options, upTo: limit) == expected, "\(format), \(limit)")
            let first = try CodeFile.open(path, options: options).next(upTo: limit)
            #expect(first?.packedCodes.count == (limit > 1 ? 27 : 3))
        }
    }

    @Test(arguments: limits) func theCodesOfAStoreTakeAnyLimit(limit: Int) throws {
        let store = try Store.create(at: folder.file("s"), bitWidth: 24)
        for format in [CodeFormat.bvecs, .hex] {
            let codes = try StoreCodes(Samples.nine(in: folder, format).path, for: store)
            var count = 0
            while let batch = try codes.next(upTo: limit) { count += batch.packedCodes.count }
            #expect(count == 27)
        }
    }

    @Test(arguments: limits) func arraysTakeAnyLimit(limit: Int) throws {
        let data = (0..<48).map { UInt8($0) }
        var codes = try CodeReader(path: folder.write(npy(headerText("|u1", "(6, 8)"), data: data)))
        var ids = try IDReader(path: folder.write(npy(headerText("<u8", "(6,)"), data: data), to: "ids.npy"))
        var (read, count) = ([UInt8](), 0)
        while let some = try codes.next(upTo: limit) { read += some }
        while let some = try ids.next(upTo: limit) { count += some.count }
        #expect(read == data && count == 6)
    }

    /// Nothing but its end tells that a pipe has less than its header says.
    @Test func aPipeThatPromisesMoreThanItHasCostsNoMemory() throws {
        let path = folder.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let writer = open(path, O_RDWR)
        let bytes = npy(headerText("|u1", "(1099511627776, 128)"), data: [UInt8](repeating: 7, count: 300))
        try #require(write(writer, bytes, bytes.count) == bytes.count)
        let error = #expect(throws: CodeFileError.self) {
            var reader = try CodeReader(path: path)
            close(writer)
            _ = try reader.next(upTo: .max)
        }
        #expect(error?.description.contains("and 300 are there") == true)
    }
}
