import Synchronization

/// The addresses that the maps of this process take, and what is left for another.
///
/// A map takes addresses for what its file may come to be, of which a process has 128 TiB on most machines and 512 GiB on some. Without
/// a limit the maps of many open files would take all, and the process would end where it next asks for memory.
enum AddressBudget {
    private static let used = Atomic(0)
    /// A quarter of the addresses.
    private static let total: Int = {
        #if os(Linux)
            // A stack is near the end of them, and never beyond. What a processor keeps in the highest byte of an address is none of it.
            var byte: UInt8 = 0
            let address = withUnsafePointer(to: &byte) { UInt(bitPattern: $0) } & (.max >> 8)
            return 1 << (UInt.bitWidth - address.leadingZeroBitCount - 2)
        #else
            return 1 << 45
        #endif
    }()
    /// Even where nothing is left. A thousand such maps take 64 GiB.
    private static let smallest = 1 << 26

    /// How many bytes a new map may take.
    ///
    /// It is a sixteenth of what is left, so that the maps get smaller as files are opened, and many have ample room. A map grows where its file
    /// does, whatever is left.
    /// - Parameters:
    ///   - wanted: What was asked for, which is not exceeded.
    ///   - length: The bytes of the file, which gets room for as many again.
    static func size(wanted: Int, length: Int) -> Int {
        let left = max(0, total - used.load(ordering: .relaxed))
        return min(wanted, max(smallest, powerOfTwo(upTo: left / 16), powerOfTwo(from: 2 * min(length, total))))
    }

    /// Tells of maps that were made, grown or given back.
    static func use(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

    private static func powerOfTwo(upTo limit: Int) -> Int {
        limit < 1 ? 0 : 1 << (Int.bitWidth - 1 - limit.leadingZeroBitCount)
    }

    private static func powerOfTwo(from limit: Int) -> Int {
        limit <= 1 ? limit : 1 << (Int.bitWidth - (limit - 1).leadingZeroBitCount)
    }
}
