import Foundation

/// The part of a file that the system keeps in memory.
enum PageCache {
    /// Drops the file's pages (fsync, then POSIX_FADV_DONTNEED); pages that a process has mapped stay.
    ///
    /// - Returns: the share of its pages that is still in memory; nil where the system cannot do this.
    static func drop(_ path: String) throws -> Double? {
        #if os(Linux)
            let file = open(path, O_RDWR)
            guard file >= 0 else { throw BenchError("\(path): \(String(cString: strerror(errno)))") }
            defer { close(file) }
            guard fsync(file) == 0, posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 else { return nil }
            return residentShare(file)
        #else
            return nil
        #endif
    }

    #if os(Linux)
        private static func residentShare(_ file: Int32) -> Double? {
            let length = Int(lseek(file, 0, SEEK_END))
            guard length > 0, let map = mmap(nil, length, PROT_READ, MAP_SHARED, file, 0), map != MAP_FAILED else {
                return nil
            }
            defer { munmap(map, length) }
            let pageSize = sysconf(Int32(_SC_PAGESIZE))
            var pages = [UInt8](repeating: 0, count: (length + pageSize - 1) / pageSize)
            guard mincore(map, length, &pages) == 0 else { return nil }
            return Double(pages.count { $0 & 1 == 1 }) / Double(pages.count)
        }
    #endif
}
