import Foundation
import LMDB
import Testing

/// Files that are being made.
extension ProcessTests {
    @Test func aFileIsNotThereUntilItIsMade() async throws {
        try await MeetingPlace.with { path in
            let hasEnded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                defer { hasEnded.signal() }
                // The other was faster.
                #expect(throws: LMDBError.exists(path: path)) {
                    try make(path, "slow") {
                        try MeetingPlace.tell("making")
                        try MeetingPlace.wait(for: "made")
                    }
                }
            }
            await #expect(processExitsWith: .success) {
                let path = try MeetingPlace.file()
                try MeetingPlace.wait(for: "making")
                #expect(throws: LMDBError.notFound(path: path)) { try ProcessTests.open() }
                #expect(throws: LMDBError.notFound(path: path)) { try PageFile.examine(path, within: .zero) { _ in } }
                try make(path, "quick") {}
                try MeetingPlace.tell("made")
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    hasEnded.wait()
                    continuation.resume()
                }
            }
            let keys = try ProcessTests.open().keys()
            #expect(keys == ["quick"])
            #expect(files(beside: path).filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test func aKilledMakerLeavesNothing() async throws {
        try await MeetingPlace.with { path in
            let before = files(beside: path)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                try make(try MeetingPlace.file(), "never") { _ = kill(getpid(), SIGKILL) }
            }
            #expect(files(beside: path) == before)
        }
    }

    @Test func whatIsMadeInVainIsGone() async throws {
        struct Stop: Error {}
        try await MeetingPlace.with { path in
            let before = files(beside: path)
            #expect(throws: Stop.self) { try make(path, "never") { throw Stop() } }
            #expect(files(beside: path) == before)
            #expect(throws: LMDBError.exists(path: path)) {
                try make(path, "late") { try "somebody's notes".write(toFile: path, atomically: true, encoding: .utf8) }
            }
            let notes = try String(contentsOfFile: path, encoding: .utf8)
            #expect(notes == "somebody's notes")
            #expect(files(beside: path).count == before.count + 1)
        }
    }

    @Test func ofThreadsThatMakeAFileOneDoes() async throws {
        try await MeetingPlace.with { path in
            let errors = await withTaskGroup(of: LMDBError?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do { try make(path, "one") { usleep(20_000) } } catch { return error as? LMDBError }
                        return nil
                    }
                }
                return await group.reduce(into: [LMDBError?]()) { $0.append($1) }
            }
            let others = errors.compactMap { $0 }
            #expect(others == Array(repeating: LMDBError.exists(path: path), count: 7))
            let keys = try ProcessTests.open().keys()
            #expect(keys == ["one"])
        }
    }
}

/// Makes a file with one key, and runs `body` before it is committed.
private func make(_ path: String, _ key: String, _ body: () throws -> Void) throws {
    _ = try Environment.create(at: path, databases: ["one"], options: .forTests()) { transaction, databases in
        try Array(key.utf8).withUnsafeBytes { try transaction.set($0, to: $0, in: databases[0]) }
        try body()
    }
}

/// What is in the folder of a file.
private func files(beside path: String) -> Set<String> {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
}
