import CodeFiles
import TestSupport
import Testing

@Suite struct IDFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func ids(_ path: String) throws -> [UInt64] {
        var reader = try IDReader(path: path)
        var all: [UInt64] = []
        while let ids = try reader.next(upTo: 2) { all += ids }
        return all
    }

    @Test func idsOfAllSixtyFourBitsRoundTrip() throws {
        let expected: [UInt64] = [0, 1, 1 << 40, .max, 7]
        var writer = try IDWriter(path: folder.file("ids.npy"), count: expected.count)
        try writer.append(Array(expected.prefix(3)))
        try writer.append(Array(expected.suffix(2)))
        try writer.finish()
        #expect(try ids(folder.file("ids.npy")) == expected)
    }

    @Test func acceptsSignedIDsThatAreNotNegative() throws {
        let data: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0]
        #expect(try ids(folder.write(npy(headerText("<i8", "(1,)"), data: data))) == [5])
    }

    @Test func refusesNegativeIDsAndNamesTheRow() throws {
        let data = [UInt8](repeating: 0, count: 16) + [UInt8](repeating: 0xff, count: 8)
        let path = try folder.write(npy(headerText("<i8", "(3,)"), data: data))
        let error = #expect(throws: CodeFileError.self) { try ids(path) }
        #expect(error?.description.contains("row 2 is -1") == true)
    }

    @Test(arguments: [("|u1", "(8,)"), ("<u8", "(1, 1)"), (">u8", "(1,)"), ("<f8", "(1,)")])
    func refusesOtherArrays(type: String, shape: String) throws {
        let path = try folder.write(npy(headerText(type, shape), data: [UInt8](repeating: 0, count: 8)))
        let error = #expect(throws: CodeFileError.self) { try ids(path) }
        #expect(error?.description.contains("'\(type)'") == true)
    }
}
