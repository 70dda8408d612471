#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Tells a value that a closure is lent from all others of its type.
///
/// Where one write is within another, of another store, the inner closure can exchange the two values (`swap`). What is meant for one store
/// must not come into the other.
final class Identity: Sendable {
    /// Throws unless this is that of the value which was lent to a write of the store at `path`.
    func check(isOf lent: Identity, path: String) throws {
        guard self !== lent else { return }
        let reason = "what its write was lent was exchanged for that of another write; nothing was written"
        throw HashDBError.system(path: path, code: Int(EINVAL), reason: reason)
    }
}
