import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// File systems that lie on other machines. There, neither the locks nor the shared memory hold by which processes keep out of each other's way, so
/// that a store would be damaged.
enum NetworkFileSystem {
    /// Throws if a file lies on one, or would.
    static func refuse(_ path: String) throws {
        guard let name = (status(of: path) ?? status(of: FileLocation.folder(of: path))).flatMap(name) else { return }
        let reason =
            "lies on a network file system (\(name)), on which processes cannot keep out of each other's way; keep it on a disk of this machine"
        throw LMDBError.failed(path: path, code: ENOTSUP, reason: reason)
    }

    private static func status(of path: String) -> statfs? {
        var status = statfs()
        return statfs(path, &status) == 0 ? status : nil
    }

    #if os(Linux)
        // The numbers of statfs(2).
        private static let names: [UInt32: String] = [
            0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB", 0x5346_414f: "AFS",
            0x00c3_6400: "Ceph", 0x0bd0_0bd0: "Lustre", 0x4750_4653: "GPFS", 0x7461_636f: "OCFS2",
        ]

        private static func name(_ status: statfs) -> String? {
            names[UInt32(truncatingIfNeeded: status.f_type)]
        }
    #else
        private static func name(_ status: statfs) -> String? {
            guard status.f_flags & UInt32(MNT_LOCAL) == 0 else { return nil }
            return withUnsafeBytes(of: status.f_fstypename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
    #endif
}
