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
        let flags = [start != nil, largestID != nil, model != nil, hasAllAttributes]
        bytes.append(number: flags.enumerated().reduce(UInt32(0)) { $0 | ($1.element ? 1 << UInt32($1.offset) : 0) })
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

/// The kind of a block of a shipment.
package enum ShipmentBlock: UInt32 {
    case head = 0x5049_4853  // "SHIP"
    case ranges = 0x4547_4E52  // "RNGE"
    case attributes = 0x5254_5441  // "ATTR"
    case last = 0x5453_414C  // "LAST"

    static let headSize = 20
    /// The bytes of it before the checksum.
    static let labelSize = 12
    /// About how many bytes a block has; more where one item needs them.
    static let usualSize = 1 << 16

    /// The block with these contents, after one of the checksum `seed`, which becomes its own.
    func encode(_ contents: [UInt8], after seed: inout UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headSize + contents.count)
        bytes.append(number: rawValue)
        bytes.append(number: UInt64(contents.count))
        seed = Self.checksum(bytes, contents[...], seed)
        bytes.append(number: seed)
        return bytes + contents
    }

    static func checksum(_ head: [UInt8], _ contents: ArraySlice<UInt8>, _ seed: UInt64) -> UInt64 {
        let ofHead = head.withUnsafeBytes { HashDB.checksum($0, seed: seed) }
        return contents.withUnsafeBytes { HashDB.checksum($0, seed: ofHead) }
    }

    /// A shipment whose checksums are made right, up to where its blocks end to make sense: for tests of what is behind them.
    package static func resealed(_ shipment: [UInt8]) -> [UInt8] {
        var bytes = shipment
        var (start, seed): (Int, UInt64) = (0, 0)
        while start + headSize <= bytes.count {
            let count = bytes.withUnsafeBytes { $0.number(at: start + 4, as: UInt64.self) }
            guard count <= UInt64(bytes.count - start - headSize) else { break }
            let end = start + headSize + Int(count)
            seed = checksum(Array(bytes[start..<start + labelSize]), bytes[start + headSize..<end], seed)
            bytes.set(number: seed, at: start + labelSize)
            start = end
        }
        return bytes
    }
}
