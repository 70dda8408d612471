import CFlatScan
import HashDB

/// The yardstick: the AVX2 scan of `CFlatScan` over codes in memory.
final class FlatScan {
    private let codes: OpaquePointer

    /// Copies the codes into huge pages.
    init(_ array: CodeArray) throws {
        guard
            let codes = flat_codes_create(
                array.words, array.count, UInt32(array.wordsPerCode), UInt32(array.bitWidth))
        else { throw BenchError("no memory for \(array.count) codes") }
        self.codes = codes
    }

    deinit { flat_codes_free(codes) }

    /// Runs the scan and returns its answer, which the next run overwrites.
    func run(_ operation: Operation, _ query: [UInt64]) throws -> UnsafeBufferPointer<flat_match> {
        var matches: UnsafePointer<flat_match>?
        let count =
            switch operation {
            case .nearest(let count): flat_nearest(codes, query, count, &matches)
            case .within(let radius): flat_within(codes, query, UInt32(radius), &matches)
            }
        guard count != .max else { throw BenchError("no memory for the answer of a scan") }
        return UnsafeBufferPointer(start: matches, count: count)
    }

    /// Which instructions it uses.
    static var kernelName: String { String(cString: flat_kernel_name()) }
}
