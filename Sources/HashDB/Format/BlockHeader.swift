/// The first 32 bytes of every block: what it is, and a checksum of all that follows.
///
///     0  u64  XXH3-64 of the bytes from 8 to the end
///     8  u32  kind: "ROWS", "FNCE", "TOMB", "BKTS", "DELS" or "DELT"
///    12  u32  count: codes in the block (fence: row blocks; tombstones: deleted rows; deletions: ids; buckets: entries)
///    16  u64  segment number (0 for the delta)
///    24  u32  index: as in the block's key
///    28  u32  substring of a bucket block, plus 65,536 if it is grouped; 1 for a row block whose ids follow one another; else 0
struct BlockHeader: Equatable {
    static let size = 32

    enum Kind: UInt32 {
        case rows = 0x5357_4F52
        case fence = 0x4543_4E46
        case tombstones = 0x424D_4F54
        case buckets = 0x5354_4B42
        case deletions = 0x534C_4544
        case delta = 0x544C_4544
    }

    var kind: Kind
    var count: Int
    var segment: UInt64
    var index: Int
    var detail: Int = 0

    /// The header's bytes with room for the checksum.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: UInt64(0))
        bytes.append(number: kind.rawValue)
        bytes.append(number: UInt32(count))
        bytes.append(number: segment)
        bytes.append(number: UInt32(index))
        bytes.append(number: UInt32(detail))
        return bytes
    }

    /// Writes the checksum into a finished block.
    static func seal(_ block: inout [UInt8]) {
        block.set(number: block.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[8...])) }, at: 0)
    }

    /// The header of a block, once its checksum and place have been found right.
    ///
    /// - Throws: `BlockDamage`.
    static func check(_ block: UnsafeRawBufferPointer, kind: Kind, segment: UInt64, index: Int) throws(BlockDamage)
        -> BlockHeader
    {
        guard block.count >= size else { throw BlockDamage("it has only \(block.count) bytes") }
        guard checksum(UnsafeRawBufferPointer(rebasing: block[8...])) == block.number(at: 0) else {
            throw BlockDamage("its checksum does not match")
        }
        let header = BlockHeader(
            kind: kind, count: Int(block.number(at: 12, as: UInt32.self)), segment: block.number(at: 16),
            index: Int(block.number(at: 24, as: UInt32.self)), detail: Int(block.number(at: 28, as: UInt32.self)))
        guard block.number(at: 8) == kind.rawValue, header.segment == segment, header.index == index else {
            throw BlockDamage("it is another block")
        }
        return header
    }
}

/// Why a block cannot be believed.
struct BlockDamage: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
