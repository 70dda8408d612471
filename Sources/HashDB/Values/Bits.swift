// Bits in bytes, as codes and blocks of the store have them: bit i is bit i mod 8 of byte i div 8.

extension RandomAccessCollection<UInt8> where Index == Int {
    /// A bit, where the first index is 0.
    @inline(__always)
    subscript(bit index: Int) -> Bool { self[index / 8] >> UInt8(index % 8) & 1 == 1 }
}

extension RandomAccessCollection<UInt8> where Self: MutableCollection, Index == Int {
    /// A bit, where the first index is 0.
    @inline(__always)
    subscript(bit index: Int) -> Bool {
        get { self[index / 8] >> UInt8(index % 8) & 1 == 1 }
        set {
            let mask = UInt8(1) << UInt8(index % 8)
            if newValue { self[index / 8] |= mask } else { self[index / 8] &= ~mask }
        }
    }
}
