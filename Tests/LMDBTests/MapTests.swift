import Foundation
import LMDB
import Testing

#if canImport(Glibc)
    /// Processes that have few addresses left for maps.
    struct MapTests {
        /// LMDB gives the old map back before it asks for the new one.
        @Test(.enabled(if: !isSanitized, "a sanitizer needs addresses too"))
        func aMapThatCannotGrowIsAnErrorAndNoMore() async {
            await #expect(processExitsWith: .success) {
                try withEnvironment(mapSize: 1 << 25) { environment, path in
                    let value = [UInt8](repeating: 1, count: 1 << 20)
                    for number in 0..<10 { try environment.set("\(number)", value) }
                    let before = try limitAddressSpace(toMore: 1 << 24)
                    #expect {
                        for number in 10..<100 { try environment.set("\(number)", value) }
                    } throws: { error in
                        if case LMDBError.failed(path, ENOMEM, _) = error { true } else { false }
                    }
                    // It is there again, as large as it was.
                    #expect(try environment.keys().count > 20)
                    #expect(environment.mapSize == 1 << 25)
                    try setLimit(before)
                    try environment.set("last", [UInt8](repeating: 1, count: 1 << 26))
                    #expect(try environment.keys().contains("last"))
                }
            }
        }
    }

    private let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

    /// Allows so many bytes of addresses more than there are in use. Returns the limit that was.
    private func limitAddressSpace(toMore bytes: UInt) throws -> rlimit {
        var before = rlimit()
        try #require(getrlimit(addressSpace, &before) == 0)
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        let used = try #require(UInt(pages[0])) * UInt(sysconf(Int32(_SC_PAGESIZE)))
        try setLimit(rlimit(rlim_cur: used + bytes, rlim_max: before.rlim_max))
        return before
    }

    private func setLimit(_ limit: rlimit) throws {
        var limit = limit
        try #require(setrlimit(addressSpace, &limit) == 0)
    }

    private let addressSpace = __rlimit_resource_t(RLIMIT_AS.rawValue)
#endif
