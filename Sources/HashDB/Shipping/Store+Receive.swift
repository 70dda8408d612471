extension Store {
    /// How many items a shipment may change, as they are held in memory until the commit: about 200 bytes each, and the payloads.
    public static let maximumReceivedChanges = 1 << 22

    /// How many bytes of a shipment are gathered before others are kept from writing for it.
    private static let gatheredBytes = 1 << 26

    /// Brings the store to the position of another, from which `Snapshot.ship(after:to:)` wrote the bytes, in one commit.
    ///
    /// Readers see the store as before or as after. Unless all bytes have come and fit their checksums, nothing is changed. The store then has
    /// the position, and with it the commit number, of the other; it records changes too, so that further stores can follow it.
    ///
    /// The first 64 MiB are gathered beforehand. While what is beyond that comes, nobody else can write to the file, and a snapshot is open, as
    /// items that the store has already are told apart on the way: where a shipment so large comes slowly, bring it to this machine first.
    /// - Parameters:
    ///   - replacing: Whether a shipment of everything may take the place of what the store has, its count of commits and
    ///     `Snapshot.largestID` among it. An empty store needs no such leave.
    ///   - next: Gives the next bytes, as many as it likes; nil at the end.
    /// - Throws: `HashDBError.damagedShipment`; `notFollowing` if the store is not at the position that the shipment goes on from, or would lose
    ///   what it has; `codeWidthMismatch`, `modelMismatch`; as `write`; what `next` throws.
    @discardableResult
    public func receive(replacing: Bool = false, from next: () throws -> [UInt8]?) throws -> Reception {
        let shipment = try gathering(ArrivingShipment(next), replacing: replacing, from: next)
        return try receiving(shipment, replacing: replacing, from: next)
    }

    /// Brings the store at a path to the position of another; makes it where it is not there and everything comes.
    ///
    /// - Parameters:
    ///   - path: Where the store is, or is to be.
    ///   - collection: Which of its collections.
    ///   - options: How it is opened.
    ///   - replacing: As for `receive(replacing:from:)`.
    ///   - next: As for `receive(replacing:from:)`.
    /// - Throws: As `open`, `create` and `receive(replacing:from:)`. What was made for it, the collection and the file, is not left behind
    ///   then, unless others have written to it.
    @discardableResult
    public static func receive(
        at path: String, collection: String = Store.defaultCollection, options: Options = Options(),
        replacing: Bool = false, from next: () throws -> [UInt8]?
    ) throws -> Reception {
        try receiving(at: path, collection: collection, options, replacing: replacing, from: next)
    }

    /// Brings the store to the position of another, in one commit; see the call that is not `async`.
    ///
    /// It runs as `write` does, once the first 64 MiB have come, for which `next` is called on another thread of the library's own. Of the calls of
    /// `next` one follows the other.
    /// - Throws: `CancellationError` if the task is cancelled before the commit; else as the call that is not `async`.
    @discardableResult
    public func receive(
        replacing: Bool = false, from next: @Sendable () throws -> [UInt8]?
    ) async throws -> Reception {
        // Whoever `next` waits for keeps no writer waiting, and nobody who opens a file.
        let shipment = try await WorkThreads.reading.run {
            try self.gathering(
                ArrivingShipment(next), replacing: replacing, giveUp: Task.checkCancellation, from: next)
        }
        return try await queueingToWrite {
            try self.receiving(
                shipment, replacing: replacing, within: $0, giveUp: Task.checkCancellation, from: next)
        }
    }

    /// Brings the store at a path to the position of another; makes it where it is not there and everything comes; see the call that is not `async`.
    ///
    /// It runs on a thread of the library's own, and so does `next`.
    /// - Throws: `CancellationError` if the task is cancelled before the commit; else as the call that is not `async`.
    @discardableResult
    public static func receive(
        at path: String, collection: String = Store.defaultCollection, options: Options = Options(),
        replacing: Bool = false, from next: @Sendable () throws -> [UInt8]?
    ) async throws -> Reception {
        try await WorkThreads.files.run {
            try receiving(
                at: path, collection: collection, options, replacing: replacing, giveUp: Task.checkCancellation,
                from: next)
        }
    }

    /// The same, as long as `giveUp` does not throw, which is asked as for `receiving` of a store.
    static func receiving(
        at path: String, collection: String, _ options: Options, replacing: Bool, giveUp: () throws -> Void = {},
        from next: () throws -> [UInt8]?
    ) throws -> Reception {
        let shipment = try ArrivingShipment(next)
        func receive(_ store: Store) throws -> Reception {
            let shipment = try store.gathering(shipment, replacing: replacing, giveUp: giveUp, from: next)
            return try store.receiving(shipment, replacing: replacing, giveUp: giveUp, from: next)
        }
        func receiveAnew() throws -> Reception {
            let store = try create(
                at: path, collection: collection, bitWidth: shipment.head.bitWidth, model: shipment.head.model,
                options: options)
            do { return try receive(store) } catch {
                try? store.removeIfNeverWritten()
                throw error
            }
        }
        let store: Store
        do { store = try open(at: path, collection: collection, options: options) } catch HashDBError.storeNotFound
            where shipment.head.start == nil
        {
            return try receiveAnew()
        } catch HashDBError.unknownCollection where shipment.head.start == nil {
            return try receiveAnew()
        }
        return try receive(store)
    }

    /// The shipment with what has come of it, as far as it is gathered before anybody has to wait for it.
    ///
    /// Nothing is, where it does not fit the store as that is now: whoever writes the store at the moment may change that.
    private func gathering(
        _ shipment: ArrivingShipment, replacing: Bool, giveUp: () throws -> Void = {}, from next: () throws -> [UInt8]?
    ) throws -> ArrivingShipment {
        let fits: ()? = try? reading { try shipment.head.check($0, at: $0.position, replacing: replacing) }
        guard fits != nil, access == .readWrite else { return shipment }
        var shipment = shipment
        try shipment.gather(upTo: Self.gatheredBytes) {
            try giveUp()
            return try next()
        }
        return shipment
    }

    /// Takes a shipment into the store, waiting for other writers for at most `limit` (nil: `busyTimeout`), and as long as `giveUp` does not
    /// throw, which is asked while others write, between pieces, and before the commit.
    private func receiving(
        _ shipment: ArrivingShipment, replacing: Bool, within limit: Duration? = nil, giveUp: () throws -> Void = {},
        from next: () throws -> [UInt8]?
    ) throws -> Reception {
        func piece() throws -> [UInt8]? {
            try giveUp()
            return try next()
        }
        return try asWriter(within: limit, giveUp: giveUp) { writer in
            let (reception, arrival, changes, state) = try withSnapshot { snapshot in
                let state = snapshot.state
                let position = try snapshot.position
                try shipment.head.check(snapshot, at: position, replacing: replacing)
                var receiver = Receiver(Transaction(on: snapshot), shipment, at: position)
                try receiver.takeAll(piece)
                return (receiver.reception, receiver.arrival, receiver.transaction.changes, state)
            }
            if reception.wasThere { return reception }
            try giveUp()
            try writer.commit(changes, to: state, as: arrival)
            tidying { try writer.tidy(currentState) }
            return reception
        }
    }
}
