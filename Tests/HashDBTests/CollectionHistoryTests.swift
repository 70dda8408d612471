import HashDB
import TestSupport
import Testing

/// Random histories of several collections in one file: nothing that is done to one shows in another.
struct CollectionHistoryTests {
    private static let widths = ["default": 64, "pdq": 256, "photo-64": 48]

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func collectionsDoWhatDictionariesDo(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var options = Store.Options.unsynchronised
        options.initialMapSize = 1 << 20
        if seed % 2 == 0 {
            options.folding.deltaEntries = 100
            options.folding.growth = 2
            options.folding.amount = 1000
            options.folding.rowBlockBits = 6
        }
        try withTemporaryDirectory { directory in
            let path = directory + "/s.hashdb"
            var stores: [String: ModelledStore] = [:]
            func create(_ name: String) throws {
                let width = try #require(Self.widths[name])
                let model = ModelIdentity(name: name, fingerprint: "\(seed)")
                stores[name] = ModelledStore(
                    try Store.create(at: path, collection: name, bitWidth: width, model: model, options: options))
            }
            for name in Self.widths.keys.sorted() { try create(name) }
            for step in 0..<60 {
                let name = try #require(Self.widths.keys.sorted().randomElement(using: &generator))
                var modelled = try #require(stores[name])
                switch Int.random(in: 0..<14, using: &generator) {
                case 0: try modelled.store.fold()
                case 1: try modelled.load(Int.random(in: 1...2000, using: &generator), &generator)
                case 2: try modelled.abandon(&generator)
                case 3:
                    modelled.store = try Store.open(at: path, collection: name, options: options)
                case 4 where name != Store.defaultCollection:
                    try Store.removeCollection(name, at: path, options: options)
                    #expect(throws: HashDBError.collectionRemoved(path: "\(path), collection \(name)")) {
                        try modelled.store.count
                    }
                    try create(name)
                    modelled = try #require(stores[name])
                default: try modelled.change(Int.random(in: 1...300, using: &generator), &generator)
                }
                stores[name] = modelled
                if step % 10 == 9 {
                    // Closes the file and opens it anew.
                    let known = stores.mapValues(\.items)
                    stores = [:]
                    for (name, items) in known {
                        let store = try Store.open(at: path, collection: name, options: options)
                        stores[name] = ModelledStore(store, items)
                    }
                }
                for modelled in stores.values { try modelled.compare(step: step, &generator) }
                let listed = try Store.collections(at: path, options: options)
                #expect(listed.map(\.name) == ["default", "pdq", "photo-64"])
                for collection in listed {
                    #expect(collection.bitWidth == Self.widths[collection.name])
                    #expect(collection.model == ModelIdentity(name: collection.name, fingerprint: "\(seed)"))
                    #expect(collection.count == stores[collection.name]?.items.count)
                }
            }
        }
    }
}
