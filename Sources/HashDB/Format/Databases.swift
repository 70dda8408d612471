import LMDB

/// The handles of a collection's databases.
struct Databases: Sendable {
    let collection: CollectionName
    /// The stamp that the header must have; nil as long as it is not known.
    var stamp: UInt64?
    let meta: Database
    let segments: Database
    let delta: Database
    let payloads: Database
    let attributes: Database

    /// - Precondition: `handles` are those of the collection's `databaseNames`, in their order.
    init(_ handles: [Database], of collection: CollectionName) {
        self.collection = collection
        meta = handles[0]
        segments = handles[1]
        delta = handles[2]
        payloads = handles[3]
        attributes = handles[4]
    }

    var all: [Database] { [meta, segments, delta, payloads, attributes] }
}
