import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// The map of the file, and who reads it.
extension Environment {
    /// The map's size in bytes.
    package var mapSize: Int { withHandle(Self.mapSize) ?? 0 }

    /// The file's size in bytes as LMDB sees it, freed pages among them.
    package var usedBytes: Int { withHandle(Self.usedBytes) ?? 0 }

    static func usedBytes(_ handle: OpaquePointer) -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        var status = MDB_stat()
        mdb_env_stat(handle, &status)
        return (Int(information.me_last_pgno) &+ 1) &* Int(status.ms_psize)
    }

    /// The number of the last commit in the file.
    static func lastNumber(_ handle: OpaquePointer) -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return information.me_last_txnid
    }

    /// How many transactions read at the moment, in all processes.
    ///
    /// LMDB's own number is that of places which were ever taken, and those of transactions that rest to be used again are among them.
    /// Its list has a line of process, thread and commit for each place that is taken, with "-" for the commit where one rests.
    package var readerCount: Int {
        var count = 0
        _ = withHandle { handle in
            mdb_reader_list(
                handle,
                { line, count in
                    let words = line.map { String(cString: $0).split(whereSeparator: \.isWhitespace) }
                    if words?.dropFirst(2).first?.allSatisfy(\.isNumber) == true {
                        count?.assumingMemoryBound(to: Int.self).pointee += 1
                    }
                    return 0
                }, &count)
        }
        return count
    }

    /// Gives back the slots of readers whose processes have died, which would keep old pages from being used again.
    func clearStaleReaders() {
        guard isWritable else { return }
        var dead: Int32 = 0
        _ = withHandle { mdb_reader_check($0, &dead) }
    }

    /// Takes the pages of a value that lies on pages of its own out of this process's memory. They stay in the system's, and come back when
    /// they are read again.
    package static func release(_ address: UnsafeRawPointer, byteCount: Int) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = Int(bitPattern: address) / page * page
        let end = (Int(bitPattern: address) + byteCount) / page * page
        guard start < end else { return }
        madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, Int32(MADV_DONTNEED))
    }

    static func mapSize(_ handle: OpaquePointer) -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return information.me_mapsize
    }

    func growMap() throws {
        let code = try setMapSize { 2 * Self.mapSize($0) }
        guard code == 0 else { throw LMDBError.from(code, path: path) }
    }

    /// Makes the map large enough for what another process has written, and for as much again: that process's own map may be larger than
    /// this one can have. If that is too large as well, the file is closed, and opened anew with a map as large as can be.
    func takeOverMap() throws {
        _ = try setMapSize { max(2 &* Self.usedBytes($0), Self.mapSize($0)) }
    }

    /// Returns LMDB's code. Where that is not 0 the file is closed; the registry still has it as this environment's, which opens it anew.
    private func setMapSize(_ size: (OpaquePointer) -> Int) throws -> Int32 {
        let reason = "it must grow, which it cannot within a snapshot; write after it"
        return try withoutTransactions(orElse: LMDBError.failed(path: path, code: EDEADLK, reason: reason)) {
            // Who finds it closed opens it with a map of the right size.
            guard let file else { return 0 }
            let code = file.setMapSize(size(file.handle))
            generation.add(1, ordering: .acquiringAndReleasing)
            // LMDB has given the old map back by then, and would still read there.
            if code != 0 { close() }
            return code
        }
    }
}
