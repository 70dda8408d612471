import Foundation
import LMDB
import TestSupport
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

    extension MapTests {
        /// All maps of a process together leave most of the addresses to others, however many files are open.
        @Test(.enabled(if: !isSanitized, "a sanitizer needs addresses too"))
        func manyOpenFilesShareTheAddresses() async {
            await #expect(processExitsWith: .success) {
                var options = Environment.Options()
                options.synchronous = false
                options.losesName = true
                let folder = try TemporaryFolder()
                func open(_ number: Int) throws -> Environment {
                    try Environment.create(
                        at: folder.file("\(number)"), databases: ["one"], options: options
                    ) { _, _ in }
                }
                var environments = try (0..<100).map { try open($0) }
                let sizes = environments.map(\.mapSize)
                #expect(sizes[0] <= Environment.defaultMapSize && sizes == sizes.sorted(by: >))
                #expect(sizes[99] >= 1 << 26 && sizes[99] < sizes[0])
                #expect(sizes.reduce(0, +) <= 1 << 45)
                // What a file needs it gets, and closed files give back what they had.
                let large = [UInt8](repeating: 1, count: 1 << 20)
                try environments[99].set("a", large)
                environments.removeAll()
                #expect(try open(100).mapSize == sizes[0])
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
