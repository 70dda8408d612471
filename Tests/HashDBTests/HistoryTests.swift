import HashDB
import TestSupport
import Testing

/// Random histories of a store beside a dictionary that does the same.
struct HistoryTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func storeDoesWhatADictionaryDoes(seed: UInt64) throws { try checkHistory(seed: seed, FoldSettings()) }

    /// With small segments and little work on a merge at a time, most commits find one under way.
    @Test(arguments: [UInt64(11), 12, 13, 14, 15, 16, 17, 18])
    func storeDoesWhatADictionaryDoesWhileMergesAreUnderWay(seed: UInt64) throws {
        let merging = try checkHistory(seed: seed, Self.smallSegments(seed))
        #expect(merging >= 5)
    }

    @Test(arguments: [UInt64(21), 22, 23, 24, 25, 26])
    func storeDoesWhatADictionaryDoesThatIsEmptiedAtTimes(seed: UInt64) throws {
        try checkHistory(seed: seed, Self.smallSegments(seed), isEmptied: true)
    }

    private static func smallSegments(_ seed: UInt64) -> FoldSettings {
        var settings = FoldSettings()
        settings.deltaEntries = seed % 2 == 0 ? 100 : 600
        settings.growth = 2 + Int(seed % 3)
        settings.amount = seed % 2 == 0 ? 1000 : 2500
        settings.rowBlockBits = 6
        return settings
    }

    /// Returns after how many steps a merge was under way.
    @discardableResult
    private func checkHistory(seed: UInt64, _ settings: FoldSettings, isEmptied: Bool = false) throws -> Int {
        var merging = 0
        var generator = SplitMix64(seed: seed)
        let bitWidth = [16, 64, 64, 128][Int(seed) % 4]
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            var options = Store.Options.unsynchronised
            options.initialMapSize = 1 << 20
            options.folding = settings
            var modelled = ModelledStore(try Store.create(at: path, bitWidth: bitWidth, options: options))
            for step in 0..<60 {
                switch Int.random(in: 0..<12, using: &generator) {
                case 0 where settings.rowBlockBits == nil || step % 5 == 0:
                    try modelled.store.fold()
                case 1:
                    modelled.store = try Store.open(at: path, options: options)
                case 2:
                    try modelled.load(Int.random(in: 1...3000, using: &generator), &generator)
                case 3:
                    try modelled.abandon(&generator)
                case 4 where isEmptied:
                    try modelled.empty(&generator)
                default:
                    try modelled.change(Int.random(in: 1...400, using: &generator), &generator)
                }
                if try modelled.compare(step: step, &generator) { merging += 1 }
            }
        }
        return merging
    }
}
