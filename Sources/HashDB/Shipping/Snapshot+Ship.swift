extension Snapshot {
    /// Writes what brings another store from an earlier position to this snapshot's, or everything: `Store.receive` takes it.
    ///
    /// ```swift
    /// let (shipped, pieces) = try leader.read { snapshot in
    ///     var pieces: [[UInt8]] = []
    ///     let count = try snapshot.ship(after: position) { pieces.append($0) }
    ///     return (count, pieces)
    /// }
    /// ```
    ///
    /// Items that were touched are shipped as they are now, and only once. Memory does not grow with their number.
    /// - Parameters:
    ///   - position: What the other store is at; nil ships everything.
    ///   - write: Gets the bytes in order, about 64 KiB at a time.
    /// - Returns: The number of items that were shipped.
    /// - Throws: `HashDBError.unknownPosition` if changes are not recorded, or not since that position; `damaged`;
    ///   `CancellationError` if the task is cancelled, which is asked before each of the pieces; what `write` throws.
    @discardableResult
    public func ship(after position: StorePosition?, to write: ([UInt8]) throws -> Void) throws -> Int {
        guard let end = try self.position else {
            throw HashDBError.unknownPosition(
                path: path, position: position ?? StorePosition(commit: 0, mark: 0),
                reason: "its changes are not recorded")
        }
        let changes = try position.map { try self.changes(since: $0) }
        var shipper = Shipper()
        let head = ShipmentHead(
            bitWidth: bitWidth, model: model, start: position, end: end, largestID: largestID,
            hasAllAttributes: changes.map { $0.attributes == nil } ?? true)
        try write(ShipmentBlock.head.encode(head.encode(), after: &shipper.seed))
        for range in changes?.ids ?? [.min ... .max] {
            // There may be a million of them, in which nothing is left.
            try Task.checkCancellation()
            try ship(range, &shipper, write)
        }
        try shipper.flush(.ranges, write)
        try shipAttributes(changes?.attributes, &shipper, write)
        try shipper.flush(.attributes, write)
        try write(ShipmentBlock.last.encode([], after: &shipper.seed))
        return shipper.items
    }

    private func ship(
        _ range: ClosedRange<UInt64>, _ shipper: inout Shipper, _ write: ([UInt8]) throws -> Void
    ) throws {
        var part = shipper.beginPart(from: range.lowerBound)
        try forEachItem(in: range) { item in
            shipper.add(item, &part)
            if shipper.isFull, item.id < range.upperBound {
                shipper.end(part, at: item.id)
                try shipper.flush(.ranges, write)
                part = shipper.beginPart(from: item.id + 1)
            }
        }
        shipper.end(part, at: range.upperBound)
        if shipper.isFull { try shipper.flush(.ranges, write) }
    }

    private func shipAttributes(
        _ keys: [String]?, _ shipper: inout Shipper, _ write: ([UInt8]) throws -> Void
    ) throws {
        if let keys {
            for key in keys {
                shipper.add(key, try attribute(key))
                if shipper.isFull { try shipper.flush(.attributes, write) }
            }
        } else {
            try forEachAttribute(withPrefix: "") { key, value in
                shipper.add(key, value)
                if shipper.isFull { try shipper.flush(.attributes, write) }
                return true
            }
        }
    }
}

/// Gathers the contents of blocks.
private struct Shipper {
    /// The part of a block that is about one range of ids.
    struct Part {
        let start: Int
        var count: UInt32 = 0
    }

    var seed: UInt64 = 0
    private(set) var items = 0
    private var contents: [UInt8] = []

    var isFull: Bool { contents.count >= ShipmentBlock.usualSize }

    mutating func beginPart(from id: UInt64) -> Part {
        let start = contents.count
        for number in [id, 0] { contents.append(number: number) }
        contents.append(number: UInt32(0))
        return Part(start: start)
    }

    mutating func end(_ part: Part, at id: UInt64) {
        contents.set(number: id, at: part.start + 8)
        contents.set(number: part.count, at: part.start + 16)
    }

    mutating func add(_ item: Item, _ part: inout Part) {
        contents.append(number: item.id)
        contents += item.code.bytes
        add(item.payload)
        part.count += 1
        items += 1
    }

    mutating func add(_ key: String, _ value: [UInt8]?) {
        contents.append(number: UInt16(key.utf8.count))
        contents += key.utf8
        add(value)
    }

    private mutating func add(_ bytes: [UInt8]?) {
        contents.append(number: bytes.map { UInt64($0.count) + 1 } ?? 0)
        contents += bytes ?? []
    }

    mutating func flush(_ kind: ShipmentBlock, _ write: ([UInt8]) throws -> Void) throws {
        guard !contents.isEmpty else { return }
        try Task.checkCancellation()
        try write(kind.encode(contents, after: &seed))
        contents.removeAll(keepingCapacity: true)
    }
}
