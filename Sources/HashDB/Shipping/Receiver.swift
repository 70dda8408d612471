/// A shipment of which the head has come.
struct ArrivingShipment {
    let head: ShipmentHead
    private(set) var reader = ShipmentReader()

    /// - Throws: `HashDBError.damagedShipment`; what `next` throws.
    init(_ next: () throws -> [UInt8]?) throws {
        head = try ShipmentHead(decoding: reader.block(next).contents)
    }

    /// Takes what follows until it is all, or so many bytes have come.
    mutating func gather(upTo limit: Int, _ next: () throws -> [UInt8]?) throws {
        try reader.gather(upTo: limit, next)
    }
}

extension ShipmentHead {
    /// Throws unless the store may take what follows.
    func check(
        _ snapshot: borrowing Snapshot, at position: StorePosition?, replacing: Bool
    ) throws {
        func unfit(_ reason: String) -> HashDBError { .notFollowing(path: snapshot.path, reason: reason) }
        guard bitWidth == snapshot.bitWidth else {
            throw HashDBError.codeWidthMismatch(expected: snapshot.bitWidth, found: bitWidth)
        }
        guard model == snapshot.model else {
            guard let model else { throw unfit("its codes are of no known model, the store's of one") }
            throw HashDBError.modelMismatch(store: snapshot.model, given: model)
        }
        guard position != end else { return }
        if let start {
            guard position != start else { return }
            throw unfit(
                "it goes on from \(start), and the store \(position.map { "is at \($0)" } ?? "records no changes")")
        }
        guard replacing || snapshot.commitNumber == 0 else {
            throw unfit(
                "it holds everything, and the store is not empty; replace what it has, or receive into a new store")
        }
    }
}

/// Turns a shipment into the changes that bring a store to its end.
struct Receiver: ~Copyable {
    private(set) var transaction: Transaction
    private(set) var arrival: Arrival
    private let head: ShipmentHead
    private let wasThere: Bool
    private var reader: ShipmentReader
    private var changed = 0
    private var deleted = 0
    /// For a shipment of everything: the first id of which nothing was said yet; nil once all were covered.
    private var uncovered: UInt64? = 0
    /// For a shipment with all attributes: which came.
    private var attributes: Set<AttributeKey> = []

    var reception: Reception {
        Reception(position: head.end, changed: changed, deleted: deleted, wasThere: wasThere)
    }

    init(_ transaction: consuming Transaction, _ shipment: ArrivingShipment, at position: StorePosition?) {
        self.transaction = transaction
        head = shipment.head
        reader = shipment.reader
        wasThere = position == head.end
        arrival = Arrival(at: head.end, after: head.start?.commit, attributes: head.hasAllAttributes ? nil : [])
    }

    /// Takes all blocks.
    mutating func takeAll(_ next: () throws -> [UInt8]?) throws {
        while true {
            let (kind, contents) = try reader.block(next)
            if kind == .last { break }
            guard !wasThere else { continue }
            switch kind {
            case .ranges: try takeRanges(contents)
            case .attributes: try takeAttributes(contents)
            case .head, .last: break
            }
        }
        guard try reader.isAtEnd(next) else { throw HashDBError.damagedShipment(reason: "bytes follow its end") }
        guard !wasThere else { return }
        guard head.start != nil || uncovered == nil else { throw Self.senseless }
        if head.hasAllAttributes { try removeOtherAttributes() }
        // Ids that the other store has given out are not given out here, even if their items are gone.
        transaction.changes.largestID = head.start == nil ? head.largestID : max(head.largestID, transaction.largestID)
    }

    private static let senseless = HashDBError.damagedShipment(reason: "a block makes no sense")

    private mutating func takeRanges(_ contents: ArraySlice<UInt8>) throws {
        var reader = ByteReader(contents)
        while !reader.isAtEnd {
            guard let first = reader.number(UInt64.self), let last = reader.number(UInt64.self), first <= last,
                let count = reader.number(UInt32.self), head.start != nil || first == uncovered
            else { throw Self.senseless }
            uncovered = last == .max ? nil : last + 1
            var items: [Item] = []
            for _ in 0..<count {
                guard let item = item(&reader), (first...last).contains(item.id),
                    head.largestID.map({ item.id <= $0 }) ?? false,
                    items.last.map({ $0.id < item.id }) ?? true
                else { throw Self.senseless }
                items.append(item)
            }
            try take(items, asAllOf: first...last)
        }
    }

    private func item(_ reader: inout ByteReader) -> Item? {
        guard let id = reader.number(UInt64.self), let bytes = reader.bytes(head.bitWidth / 8),
            let code = try? BinaryCode(bytes: bytes), let payload = Self.value(&reader)
        else { return nil }
        return Item(id: id, code: code, payload: payload)
    }

    /// A value that may be absent, within one that is nil where the bytes make no sense.
    private static func value(_ reader: inout ByteReader) -> [UInt8]?? {
        guard let length = reader.number(UInt64.self) else { return nil }
        guard length > 0 else { return .some(nil) }
        return Int(exactly: length - 1).flatMap { reader.bytes($0) }.map { Array($0) }
    }

    /// Makes a range hold these items and no others.
    private mutating func take(_ items: [Item], asAllOf range: ClosedRange<UInt64>) throws {
        arrival.touch(range)
        var (gone, same): ([UInt64], Set<Int>) = ([], [])
        var next = 0
        let room = Store.maximumReceivedChanges - changed - deleted
        func compare(_ old: Item) throws {
            while next < items.count, items[next].id < old.id { next += 1 }
            if next < items.count, items[next].id == old.id {
                if items[next] == old { same.insert(next) }
            } else {
                gone.append(old.id)
            }
            guard gone.count <= room else { throw tooMuch }
        }
        try transaction.base.forEachItem(in: range) { try compare($0) }
        for id in gone { try transaction.delete(id) }
        for (index, item) in items.enumerated() where !same.contains(index) {
            try transaction.upsert(item.id, code: item.code, payload: item.payload)
        }
        deleted += gone.count
        changed += items.count - same.count
        guard changed + deleted <= Store.maximumReceivedChanges else { throw tooMuch }
    }

    private var tooMuch: HashDBError {
        .notFollowing(
            path: transaction.base.path,
            reason: "more than \(Store.maximumReceivedChanges) items are others; copy the store by a backup")
    }

    private mutating func takeAttributes(_ contents: ArraySlice<UInt8>) throws {
        var reader = ByteReader(contents)
        while !reader.isAtEnd {
            guard let length = reader.number(UInt16.self), let key = reader.text(Int(length)),
                let value = Self.value(&reader), AttributeKey.sizes.contains(key.utf8.count)
            else { throw Self.senseless }
            if try transaction.base.attribute(key) != value { try transaction.setAttribute(value, forKey: key) }
            if head.hasAllAttributes {
                attributes.insert(AttributeKey(key))
            } else {
                arrival.attributes?.append(key)
            }
        }
    }

    private mutating func removeOtherAttributes() throws {
        var others: [String] = []
        try transaction.base.walkAttributes(withPrefix: "") { key, _ in
            if !attributes.contains(AttributeKey(key)) { others.append(key) }
            return true
        }
        for key in others { try transaction.setAttribute(nil, forKey: key) }
    }
}

/// The larger one of two ids of which either may be missing.
private func max(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
    guard let a, let b else { return a ?? b }
    return Swift.max(a, b)
}
