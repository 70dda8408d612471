import HashDB
import TestSupport
import Testing

/// The matches of a large range, piece by piece, are those that come at once.
struct PieceTests {
    @Test(arguments: [16, 64, 256], Distribution.allCases)
    func allPiecesTogetherAreTheRange(bitWidth: Int, distribution: Distribution) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth) * 5 + UInt64(distribution.rawValue.count))
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: bitWidth, options: .unsynchronised)
            let codes = try distribution.codes(40_000, bitWidth: bitWidth, &generator)
            for part in [0..<30_000, 30_000..<39_000] {
                try store.bulkLoad { loader in
                    for id in part { try loader.append(id: UInt64(id), code: codes[id]) }
                }
            }
            try store.write { transaction in
                for id in 39_000..<40_000 { try transaction.insert(UInt64(id), code: codes[id]) }
                for id in stride(from: 0, to: 40_000, by: 7) { try transaction.delete(UInt64(id)) }
            }
            let filters: [ItemFilter] = [
                .all, .ids(in: 5000...35_000), .ids([3, 8, 31_001, 39_500]), .excluding(0..<20_000),
                .matching { $0 % 3 == 1 },
            ]
            try store.read { snapshot in
                for filter in filters {
                    for radius in [0, bitWidth / 4, bitWidth / 2, bitWidth] {
                        var all: [Match] = []
                        try snapshot.forEachMatch(within: radius, of: codes[1], among: filter) { piece in
                            #expect(!piece.isEmpty && piece.count <= 65_536 && piece == piece.sorted())
                            all += piece
                            return true
                        }
                        let expected = try snapshot.within(radius: radius, of: codes[1], among: filter)
                        #expect(all.sorted() == expected, "radius \(radius)")
                    }
                }
            }
        }
    }

    @Test func itEndsWhenToldToAndRefusesMistakes() throws {
        try withTemporaryDirectory { directory in
            let store = try Store.create(at: directory + "/s.hashdb", bitWidth: 256, options: .unsynchronised)
            try store.bulkLoad { try $0.append(packedCodes: [UInt8](repeating: 0, count: 32 * 20_000)) }
            let code = try BinaryCode(zeros: 256)
            try store.read { snapshot in
                var pieces = 0
                try snapshot.forEachMatch(within: 0, of: code) { _ in
                    pieces += 1
                    return pieces < 2
                }
                #expect(pieces == 2)
                #expect(throws: HashDBError.invalidRadius(-1)) {
                    try snapshot.forEachMatch(within: -1, of: code) { _ in true }
                }
                #expect(throws: HashDBError.codeWidthMismatch(expected: 256, found: 8)) {
                    try snapshot.forEachMatch(within: 1, of: BinaryCode(zeros: 8)) { _ in true }
                }
            }
        }
    }
}
