import HashDB

/// Brings the records that an earlier version has put into a store into the present form, before a run looks for contents.
///
/// It goes on where it was interrupted, and notes in the store's attribute `image-records` that it is done.
struct ImageUpgrade {
    private static let attribute = "image-records"
    private static let version: UInt8 = 2

    let store: Store
    /// Items that are dealt with in one transaction.
    private let chunk: UInt64 = 4_096

    func run() throws {
        let (isDone, largestID) = try store.read { snapshot in
            (try snapshot.attribute(ImageUpgrade.attribute) == [ImageUpgrade.version], snapshot.largestID)
        }
        if isDone { return }
        var next: UInt64? = 0
        while let largestID, let first = next, first <= largestID {
            next = try upgrade(from: first)
        }
        try store.write { try $0.setAttribute([ImageUpgrade.version], forKey: ImageUpgrade.attribute) }
    }

    /// Deals with some items; returns the first that is left, if any is.
    private func upgrade(from first: UInt64) throws -> UInt64? {
        var old: [(id: UInt64, record: ImageRecord)] = []
        var next: UInt64?
        var count: UInt64 = 0
        try store.read { snapshot in
            try snapshot.forEachItem(from: first) { item in
                guard count < chunk else {
                    next = item.id
                    return false
                }
                count += 1
                if let payload = item.payload, payload.starts(with: [ImageRecord.kind, 1]),
                    let record = try? ImageRecord(decoding: payload)
                {
                    old.append((item.id, record))
                }
                return true
            }
        }
        if !old.isEmpty {
            try store.write { transaction in
                for (id, record) in old { try transaction.upgrade(id, record) }
            }
        }
        return next
    }
}

extension Transaction {
    /// Several items of one content, which there could be, become one.
    fileprivate mutating func upgrade(_ id: UInt64, _ record: ImageRecord) throws {
        let value = { (id: UInt64) in (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
        if var known = try findImage(with: record.content), known.id != id {
            known.record.places += record.places
            try setPayload(known.record.encoded, of: known.id)
            for place in record.places { try setAttribute(value(known.id), forKey: place.pathKey) }
            try delete(id)
        } else {
            try setPayload(record.encoded, of: id)
            try setAttribute(value(id), forKey: record.content.attributeKey)
        }
    }
}
