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
