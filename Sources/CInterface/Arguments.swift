import CHashDB
import HashDB

/// What a pointer argument points to. Throws if it is NULL.
func required<T>(_ pointer: UnsafeMutablePointer<T>?, _ name: String) throws -> UnsafeMutablePointer<T> {
    guard let pointer else { throw Failure.invalid("\(name) is NULL") }
    return pointer
}

/// A text argument. Throws if it is NULL or not UTF-8.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
    guard let pointer else { throw Failure.invalid("\(name) is NULL") }
    guard let text = String(validatingCString: pointer) else { throw Failure.invalid("\(name) is not UTF-8") }
    return text
}

/// Throws if a size is one that no buffer has: C's conversions make negative numbers such sizes.
func checkSize(_ elements: Int, of bytes: Int, _ name: String) throws {
    let (size, overflows) = elements.multipliedReportingOverflow(by: bytes)
    guard elements >= 0, size >= 0, !overflows else { throw Failure.invalid("\(name) is negative or too large") }
}

/// Elements to read. Throws if the pointer is NULL, unless there are none.
func elements<T>(_ pointer: UnsafePointer<T>?, _ count: Int, _ name: String) throws -> UnsafeBufferPointer<T> {
    try checkSize(count, of: MemoryLayout<T>.stride, "the number of \(name)")
    guard pointer != nil || count == 0 else { throw Failure.invalid("\(name) is NULL") }
    return UnsafeBufferPointer(start: pointer, count: count)
}

/// Elements to fill in. Throws if the pointer is NULL, unless there are none.
func room<T>(_ pointer: UnsafeMutablePointer<T>?, _ count: Int, _ name: String) throws -> UnsafeMutableBufferPointer<T>
{
    UnsafeMutableBufferPointer(mutating: try elements(pointer.map { UnsafePointer($0) }, count, name))
}

/// How many threads are meant.
func threadCount(_ threads: CInt) throws -> Int {
    guard threads >= 0 else { throw Failure.invalid("\(threads) threads: give 0 for one for each core, or how many") }
    return threads == 0 ? coreCount : Int(threads)
}

/// The filter that is meant.
func itemFilter(_ filter: hashdb_filter) throws -> ItemFilter {
    let ids = try elements(filter.ids, filter.count, "ids of the filter")
    switch hashdb_filter_kind(UInt32(truncatingIfNeeded: filter.kind)) {
    case HASHDB_ONLY: return .ids(ids)
    case HASHDB_EXCLUDING: return .excluding(ids)
    default: throw Failure.invalid("no kind of filter is \(filter.kind)")
    }
}

/// Codes of a caller's that lie one after the other.
struct PackedCodes {
    let bytes: UnsafeBufferPointer<UInt8>
    let count: Int
    private let codeBytes: Int

    init(_ pointer: UnsafeRawPointer?, count: Int, bitWidth: Int, _ name: String) throws {
        self.count = count
        codeBytes = bitWidth / 8
        try checkSize(count, of: codeBytes, "the number of \(name)")
        bytes = try elements(pointer?.assumingMemoryBound(to: UInt8.self), count * codeBytes, name)
    }

    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[range.lowerBound * codeBytes..<range.upperBound * codeBytes])
    }

    subscript(index: Int) -> BinaryCode {
        get throws { try BinaryCode(bytes: bytes(index..<index + 1)) }
    }

    subscript(range: Range<Int>) -> [BinaryCode] {
        get throws { try range.map { try self[$0] } }
    }
}
