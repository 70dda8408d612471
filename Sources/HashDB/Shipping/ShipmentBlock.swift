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
