/// Takes the blocks of a shipment out of bytes that come in pieces.
struct ShipmentReader {
    private var pending: ArraySlice<UInt8> = []
    private var seed: UInt64 = 0
    private var isFirst = true
    /// Whether the end has come; nobody is asked for more then.
    private var hasAll = false

    /// Takes what comes until it is all, or so many bytes are there that have not been looked at.
    mutating func gather(upTo limit: Int, _ next: () throws -> [UInt8]?) throws {
        var bytes = Array(pending)
        while bytes.count < limit, let piece = try more(next) { bytes += piece }
        pending = bytes[...]
    }

    /// The next block, checked.
    ///
    /// - Parameter next: Gives the next bytes, as many as it likes; nil at the end.
    /// - Throws: `HashDBError.damagedShipment`; what `next` throws.
    mutating func block(
        _ next: () throws -> [UInt8]?
    ) throws -> (kind: ShipmentBlock, contents: ArraySlice<UInt8>) {
        let head = try bytes(ShipmentBlock.headSize, next)
        var reader = ByteReader(head)
        guard let number = reader.number(UInt32.self), let kind = ShipmentBlock(rawValue: number),
            (kind == .head) == isFirst, let size = reader.number(UInt64.self), let count = Int(exactly: size),
            let expected = reader.number(UInt64.self)
        else {
            throw HashDBError.damagedShipment(
                reason: isFirst ? "it does not begin like one" : "a block is of no known kind")
        }
        isFirst = false
        let contents = try bytes(count, next)
        seed = ShipmentBlock.checksum(Array(head.prefix(ShipmentBlock.labelSize)), contents, seed)
        guard seed == expected else { throw HashDBError.damagedShipment(reason: "a checksum does not match") }
        return (kind, contents)
    }

    /// Whether nothing is left.
    mutating func isAtEnd(_ next: () throws -> [UInt8]?) throws -> Bool {
        while pending.isEmpty {
            guard let piece = try more(next) else { return true }
            pending = piece[...]
        }
        return false
    }

    /// Memory is taken only for what has come.
    private mutating func bytes(_ count: Int, _ next: () throws -> [UInt8]?) throws -> ArraySlice<UInt8> {
        while pending.count < count {
            guard let piece = try more(next) else {
                throw HashDBError.damagedShipment(
                    reason: isFirst && pending.isEmpty ? "it is empty" : "it was cut off")
            }
            if pending.isEmpty { pending = piece[...] } else { pending += piece }
        }
        defer { pending = pending.dropFirst(count) }
        return pending.prefix(count)
    }

    private mutating func more(_ next: () throws -> [UInt8]?) throws -> [UInt8]? {
        guard !hasAll, let piece = try next() else {
            hasAll = true
            return nil
        }
        return piece
    }
}
