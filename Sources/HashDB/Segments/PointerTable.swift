import CHamming

/// Where the blocks of one part of a segment lie in the map, filled in as they are first met, by any thread.
final class PointerTable: @unchecked Sendable {
    let count: Int
    /// For the kernels, which read it while others fill it in.
    let addresses: UnsafeMutablePointer<UnsafePointer<UInt8>?>

    init(count: Int) {
        self.count = count
        addresses = .allocate(capacity: count)
        addresses.initialize(repeating: nil, count: count)
    }

    deinit { addresses.deallocate() }

    /// The block's address, or nil while nobody has met it.
    @inline(__always)
    subscript(index: Int) -> UnsafePointer<UInt8>? { hamming_load_pointer(addresses + index) }

    func set(_ index: Int, to address: UnsafePointer<UInt8>) { hamming_store_pointer(addresses + index, address) }
}

/// The tables of a segment in the form that the kernels take.
final class KernelTables: @unchecked Sendable {
    let addresses: UnsafePointer<hamming_table>

    init(_ tables: [PointerTable], bucketBits: Int, lines: UInt32) {
        let all = UnsafeMutablePointer<hamming_table>.allocate(capacity: max(1, tables.count))
        for (substring, table) in tables.enumerated() {
            (all + substring).initialize(
                to: hamming_table(
                    blocks: UnsafePointer(table.addresses), substring: UInt32(substring),
                    bucket_bits: UInt32(bucketBits), lines: lines))
        }
        addresses = UnsafePointer(all)
    }

    deinit { addresses.deallocate() }
}
