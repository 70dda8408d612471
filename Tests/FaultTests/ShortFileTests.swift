import Foundation
import HashDB
import StoreHistories
import Testing

/// A file without its last pages: whole as long as they were not in use, which nobody but their writer knows, and damaged otherwise.
@Suite struct ShortFileTests {
    private static let pageSize = 4096

    @Test func pagesAreCutOffOneAfterTheOther() throws {
        let unused = try (UInt64(501)...508).map { try pagesThatCanBeSpared(seed: $0) }
        print("histories 501 to 508: \(unused) pages at the end of their files were not in use")
        #expect(unused.contains { $0 > 0 })
    }

    private func pagesThatCanBeSpared(seed: UInt64) throws -> Int {
        let scratch = try Scratch(inMemory: true)
        let history = try StoreHistory(seed: seed)
        let options = history.options(synchronous: false)
        let (path, tried) = (scratch.file("s.hashdb"), scratch.file("tried.hashdb"))
        let steps = 30
        do {
            let store = try Store.create(at: path, bitWidth: history.bitWidth, options: options)
            for number in 1...steps { try history.perform(number, on: store) }
        }
        var expected = ExpectedStore(history)
        expected.advance(to: steps)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var unused = 0
        while true {
            defer { scratch.removeStore(tried) }
            try bytes.dropLast((unused + 1) * Self.pageSize).write(to: URL(fileURLWithPath: tried))
            let store: Store
            do { store = try Store.open(at: tried, options: options) } catch HashDBError.damaged(tried, _, _) { break }
            var here = expected
            try here.check(store, acknowledged: steps, "without \(unused + 1) pages")
            for number in steps + 1...steps + 5 { try history.perform(number, on: store) }
            try here.check(store, acknowledged: steps + 5, "written without \(unused + 1) pages")
            unused += 1
        }
        #expect(unused < bytes.count / Self.pageSize)
        return unused
    }
}
