/// What a shipment says of itself before all else. Format.md has the bytes.
struct ShipmentHead: Equatable {
    static let version: UInt32 = 1

    let bitWidth: Int
    let model: ModelIdentity?
    /// What the shipment goes on from; nil where it holds everything.
    let start: StorePosition?
    /// What the store is at then.
    let end: StorePosition
    let largestID: UInt64?
    /// Whether an attribute that is not in the shipment is to be removed.
    let hasAllAttributes: Bool

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: Self.version)
        bytes.append(number: UInt32(bitWidth))
        bytes.append(flags: [start != nil, largestID != nil, model != nil, hasAllAttributes])
        for number in [start?.commit ?? 0, start?.mark ?? 0, end.commit, end.mark, largestID ?? 0] {
            bytes.append(number: number)
        }
        for text in [model?.name ?? "", model?.fingerprint ?? ""] {
            bytes.append(number: UInt16(text.utf8.count))
            bytes += text.utf8
        }
        return bytes
    }

    /// - Throws: `HashDBError.damagedShipment`.
    init(decoding bytes: ArraySlice<UInt8>) throws {
        var reader = ByteReader(bytes)
        guard let version = reader.number(UInt32.self) else { throw Self.senseless }
        guard version == Self.version else {
            throw HashDBError.damagedShipment(
                reason: "it is of version \(version), and this program reads version \(Self.version)")
        }
        guard let width = reader.number(UInt32.self), let flags = reader.number(UInt32.self),
            let startCommit = reader.number(UInt64.self), let startMark = reader.number(UInt64.self),
            let endCommit = reader.number(UInt64.self), let endMark = reader.number(UInt64.self),
            let largest = reader.number(UInt64.self),
            let nameCount = reader.number(UInt16.self), let name = reader.text(Int(nameCount)),
            let fingerprintCount = reader.number(UInt16.self), let fingerprint = reader.text(Int(fingerprintCount)),
            reader.isAtEnd, BinaryCode.widths.contains(Int(width)), width % 8 == 0,
            max(startCommit, endCommit) < StoreHeader.largestCount,
            // What goes on from a position never leads back.
            flags & 1 == 0 || startCommit < endCommit || startCommit == endCommit && startMark == endMark
        else { throw Self.senseless }
        self.init(
            bitWidth: Int(width), model: flags & 4 == 0 ? nil : ModelIdentity(name: name, fingerprint: fingerprint),
            start: flags & 1 == 0 ? nil : StorePosition(commit: startCommit, mark: startMark),
            end: StorePosition(commit: endCommit, mark: endMark), largestID: flags & 2 == 0 ? nil : largest,
            hasAllAttributes: flags & 8 != 0)
    }

    init(
        bitWidth: Int, model: ModelIdentity?, start: StorePosition?, end: StorePosition, largestID: UInt64?,
        hasAllAttributes: Bool
    ) {
        self.bitWidth = bitWidth
        self.model = model
        self.start = start
        self.end = end
        self.largestID = largestID
        self.hasAllAttributes = hasAllAttributes
    }

    private static let senseless = HashDBError.damagedShipment(reason: "its head makes no sense")
}
