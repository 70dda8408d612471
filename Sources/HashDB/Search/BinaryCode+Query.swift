import CHamming

extension BinaryCode {
    /// Runs `body` on the code in the form that the kernels take.
    func withQuery<R>(_ shape: CodeShape, _ body: (UnsafePointer<hamming_query>) throws -> R) rethrows -> R {
        var query = hamming_query()
        query.stride = UInt32(shape.stride)
        withUnsafeBytes { code in withUnsafeMutableBytes(of: &query.code) { $0.copyMemory(from: code) } }
        return try withUnsafePointer(to: &query, body)
    }
}
