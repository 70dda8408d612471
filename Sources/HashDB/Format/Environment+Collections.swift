import LMDB

extension Environment {
    /// The databases that may have headers of collections: those of removed collections may still be there, without one.
    func metaDatabases() throws -> [(name: CollectionName, meta: Database)] {
        try databaseNames().compactMap { CollectionName(ofMeta: $0) }.sorted().compactMap { name in
            try databases(named: [name.meta]).map { (name, $0[0]) }
        }
    }

    /// The collections that there are.
    func collections() throws -> Set<CollectionName> {
        let metas = try metaDatabases()
        return try read { transaction in
            Set(try metas.filter { try StoreHeader.bytes(from: transaction, $0.meta) != nil }.map(\.name))
        }
    }
}
