import CHamming

/// Runs a kernel that finds pairs until it is done, and calls `take` with what it has found whenever its room is full.
///
/// `kernel` returns whether it is done; `take` whether to go on. Returns false if it was not.
func forEachBatchOfPairs(
    in buffer: UnsafeMutableBufferPointer<hamming_pair>, _ kernel: (inout hamming_join) -> Bool,
    _ take: (UnsafeBufferPointer<hamming_pair>) throws -> Bool
) rethrows -> Bool {
    var join = hamming_join()
    join.pairs = buffer.baseAddress
    join.capacity = buffer.count
    while true {
        let isDone = kernel(&join)
        if join.count > 0, try !take(UnsafeBufferPointer(rebasing: buffer[..<join.count])) { return false }
        if isDone { return true }
        join.count = 0
    }
}

/// Runs `body` with room for pairs: enough that filling and emptying it in turns costs nothing, and little enough to stay in cache.
func withPairBuffer<R>(_ body: (UnsafeMutableBufferPointer<hamming_pair>) throws -> R) rethrows -> R {
    try withUnsafeTemporaryAllocation(of: hamming_pair.self, capacity: 1024, body)
}
