import COneDNN

/// Runs a closure on the thread of all networks, with a number of OpenMP threads; 0 leaves it to the library.
///
/// Plans expect as many threads as there were when they were made, so networks are made within such a call too.
func computing<Result>(threads: Int, _ body: () throws -> Result) throws -> Result {
    try ComputeThread.shared.run {
        onednn_set_threads(Int64(threads))
        defer { onednn_set_threads(0) }
        return try body()
    }
}
