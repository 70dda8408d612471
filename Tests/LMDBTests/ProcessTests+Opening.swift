import Foundation
import LMDB
import Testing

/// What is in the way of a process that opens a file.
extension ProcessTests {
    /// A commit is written before the file has its length, and more commits of the same writer may follow.
    @Test func aFileThatIsShortForAMomentIsNotWaitedForLonger() async throws {
        try await MeetingPlace.with { path in
            let environment = try MeetingPlace.create(path, commits: 3)
            let hasEnded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                defer { hasEnded.signal() }
                do {
                    try environment.asWriter(within: .seconds(1)) {
                        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
                        try #require(truncate(path, off_t(whole.count - 4096)) == 0)
                        try MeetingPlace.tell("short")
                        try MeetingPlace.wait(for: "opening")
                        usleep(200_000)
                        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                        try file.seek(toOffset: UInt64(whole.count - 4096))
                        try file.write(contentsOf: whole.suffix(4096))
                        try file.close()
                        try MeetingPlace.wait(for: "opened")
                    }
                } catch { Issue.record(error) }
            }
            await #expect(processExitsWith: .success) {
                try MeetingPlace.wait(for: "short")
                try MeetingPlace.tell("opening")
                let environment = try ProcessTests.open()
                #expect(try environment.keys() == ["1", "2"])
                try MeetingPlace.tell("opened")
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasEnded.wait()
                    continuation.resume()
                }
            }
            #expect(try environment.keys() == ["1", "2"])
        }
    }

    #if canImport(Glibc)
        @Test(.enabled(if: canMount, "needs a name space of its own for mounts"))
        func aFullDeviceIsAnErrorWhereTheLockFileHasNoRoom() async throws {
            try await MeetingPlace.with { _ in
                await #expect(processExitsWith: .success) {
                    try mountDevice(at: try MeetingPlace.path(), size: "128k")
                    let path = try MeetingPlace.file()
                    let filler = try MeetingPlace.path() + "/filler"
                    _ = try MeetingPlace.create(path, commits: 3)
                    try fill(filler)
                    // What is there has its room.
                    #expect(try ProcessTests.open().keys() == ["1", "2"])
                    unlink(path + "-lock")
                    try fill(filler)
                    #expect {
                        try ProcessTests.open()
                    } throws: { error in
                        if case LMDBError.full(path, _) = error { true } else { false }
                    }
                    unlink(filler)
                    #expect(try ProcessTests.open().keys() == ["1", "2"])
                }
            }
        }
    #endif
}

#if canImport(Glibc)
    private let canMount: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "[ $(id -u) = 0 ] && unshare -m true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Mounts an empty device that this thread alone sees.
    private func mountDevice(at path: String, size: String) throws {
        typealias Unshare = @convention(c) (Int32) -> Int32
        typealias Pointer = UnsafePointer<CChar>
        typealias Mount = @convention(c) (Pointer?, Pointer?, Pointer?, UInt, UnsafeRawPointer?) -> Int32
        let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
        let mount = unsafeBitCast(try #require(dlsym(nil, "mount")), to: Mount.self)
        // CLONE_NEWNS; MS_REC and MS_PRIVATE.
        try #require(unshare(0x20000) == 0)
        try #require(mount("none", "/", nil, 0x4000 | 0x40000, nil) == 0)
        let isMounted = "size=\(size)".withCString { mount("none", path, "tmpfs", 0, $0) == 0 }
        try #require(isMounted)
    }

    /// Writes to a file until there is no room left.
    private func fill(_ path: String) throws {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, page, page.count) > 0 {}
    }
#endif
