import Foundation
import HashDB
import ImageCodes
import Testing

/// What a watch does where things do not go the usual way.
@Suite struct TreeWatchTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
        for index in 0..<3 { try bench.write(seed: index, to: "\(index).png") }
    }

    private func move(_ old: String, _ new: String) throws {
        try check(rename(bench.directory[old].string, bench.directory[new].string), "rename")
    }

    @Test(.enabled(if: hasNotices, "needs a system that tells of changes"))
    func onlyWhatHasChangedIsLookedAt() throws {
        let watch = try RunningWatch(bench)
        #expect(watch.updates[0].isFirst && watch.updates[0].isWhole && watch.updates[0].summary.added == 3)
        try bench.write(seed: 3, to: "new/3.png")
        try watch.waitUntilCurrent(bench)
        try move("photos/0.png", "photos/new/moved.png")
        try watch.waitUntilCurrent(bench)
        try bench.directory.remove("photos/1.png")
        try watch.waitUntilCurrent(bench)
        try watch.wait("all updates") { watch.updates.reduce(0) { $0 + $1.summary.vanished } == 1 }
        try watch.stop()
        let later = watch.updates.dropFirst()
        // The new file may be met when its folder is looked at, and again when it is closed.
        #expect(later.allSatisfy { !$0.isWhole && $0.summary.unchanged <= 1 })
        #expect(later.reduce(0) { $0 + $1.summary.added } == 1 && later.reduce(0) { $0 + $1.summary.moved } == 1)
        #expect(watch.told.allSatisfy { $0.hasPrefix("failed") })
    }

    @Test(.enabled(if: hasNotices, "needs a system that tells of changes"))
    func aFileCountsWhenItIsClosed() throws {
        let watch = try RunningWatch(bench) { $0.settling = .seconds(60) }
        let picture = try TestImages.picture(seed: 4)
        let path = bench.directory["photos/slow.png"]
        try Data().write(to: URL(fileURLWithPath: path.string))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path.string))
        try watch.wait("the look at the empty file") { watch.told.count == 1 }
        try handle.write(contentsOf: Data(picture.prefix(40)))
        try bench.write(seed: 5, to: "whole.png")
        try watch.wait("the whole file") { try bench.items()["photos/whole.png"] != nil }
        #expect(try bench.items()["photos/slow.png"] == nil)
        try handle.write(contentsOf: Data(picture.dropFirst(40)))
        try handle.close()
        try watch.waitUntilCurrent(bench)
        try watch.stop()
        // It was closed when there was nothing in it yet, and never read when there was half of it.
        #expect(watch.told == ["failed \(path.string)"])
    }

    @Test func changesThatWereLostAreFoundByALookAtEverything() throws {
        let queue = ChangeQueue(GatheredChanges.Timing())
        let watch = try RunningWatch(bench) { $0.changesForTests = queue }
        try bench.write(seed: 7, to: "a/b/7.png")
        try bench.directory.remove("photos/1.png")
        queue.note([.overflow])
        try watch.waitUntilCurrent(bench)
        try watch.stop()
        #expect(watch.told == ["overflow"] && watch.updates.count == 2 && watch.updates[1].isWhole)
    }

    @Test func pollingFindsChangesAndTellsATroubleOnce() throws {
        try bench.directory.write([1, 2, 3], to: "photos/bad.png")
        let watch = try RunningWatch(bench) { $0.isPolling = true }
        try bench.write(seed: 7, to: "a/7.png")
        try bench.directory.remove("photos/1.png")
        try watch.waitUntilCurrent(bench)
        let count = watch.updates.count
        try watch.wait("more looks") { watch.updates.count > count + 3 }
        try watch.stop()
        #expect(watch.told.count { $0.hasSuffix("/bad.png") } == 1)
        #expect(watch.updates.last?.isNews == false && watch.updates.allSatisfy(\.isWhole))
    }

    @Test(.enabled(if: hasNotices, "needs a system that tells of changes"))
    func tooManyFoldersArePolledInstead() throws {
        for name in ["a", "b", "c"] { try bench.write(seed: 7, to: name + "/7.png") }
        let watch = try RunningWatch(bench) { $0.mostDirectories = 2 }
        try watch.wait("the notice") { watch.told.contains { $0.contains("fs.inotify.max_user_watches") } }
        try bench.write(seed: 8, to: "c/8.png")
        try watch.waitUntilCurrent(bench)
        try watch.stop()
        #expect(watch.told.count { $0.hasPrefix("polling") } == 1)
    }

    @Test(.enabled(if: hasNotices, "needs a system that tells of changes"))
    func aRootThatIsGoneTakesNothingAlong() throws {
        let watch = try RunningWatch(bench)
        try move("photos", "elsewhere")
        try watch.wait("the notice") { watch.told == ["gone"] }
        #expect(try bench.items().count == 3)
        try bench.directory.write(TestImages.picture(seed: 9), to: "elsewhere/9.png")
        try bench.directory.remove("elsewhere/1.png")
        try move("elsewhere", "photos")
        try watch.waitUntilCurrent(bench)
        #expect(watch.told == ["gone", "back"])
        // What is done there counts again.
        try bench.write(seed: 10, to: "10.png")
        try watch.waitUntilCurrent(bench)
        try watch.stop()
    }

    @Test func anEmptiedRootTakesNothingAlong() throws {
        try bench.directory.makeDirectory("photos/sub")
        for index in 0..<3 { try move("photos/\(index).png", "photos/sub/\(index).png") }
        let watch = try RunningWatch(bench)
        let before = try bench.items()
        // At once: what goes alone, while there is more, has vanished.
        try move("photos/sub", "elsewhere")
        try watch.wait("the notice") { watch.told.contains("kept") }
        try watch.stop()
        #expect(try bench.items() == before && before.count == 3)
    }

    @Test func anotherWriterIsWaitedFor() throws {
        var options = Store.Options()
        options.busyTimeout = .milliseconds(20)
        let store = try Store.open(at: bench.store.path, options: options)
        let impatient = IngestBench(in: bench.directory, store: store)
        let watch = try RunningWatch(impatient)
        let (began, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread {
            try? store.write { transaction in
                began.signal()
                mayEnd.wait()
                try transaction.setAttribute([1], forKey: "other")
            }
        }.start()
        began.wait()
        try bench.write(seed: 11, to: "11.png")
        try watch.wait("the notice") { watch.told.contains("busy") }
        mayEnd.signal()
        try watch.waitUntilCurrent(bench)
        try watch.stop()
        #expect(watch.told.count { $0 == "busy" } == 1)
        #expect(watch.updates.reduce(0) { $0 + $1.summary.added } == 4)
    }

    @Test func aStoreThatIsGoneIsAnError() throws {
        let watch = try RunningWatch(bench)
        try bench.directory.remove("store.hashdb")
        try bench.write(seed: 11, to: "11.png")
        #expect(throws: HashDBError.storeNotFound(path: bench.store.path)) {
            try watch.wait("the error") { false }
        }
    }

    @Test(.enabled(if: hasNotices, "needs a system that tells of changes"))
    func filesOfOtherEndingsCountWhereTheseAreWanted() throws {
        let watch = try RunningWatch(bench) { $0.ingest.walking.endings = ["picture"] }
        try bench.write(seed: 8, to: "8.picture")
        try watch.wait("the file") { try bench.items()["photos/8.picture"] != nil }
        try watch.stop()
        #expect(try bench.items().count == 1)
    }
}

/// Whether this system tells of changes.
private var hasNotices: Bool {
    #if os(Linux)
        true
    #else
        false
    #endif
}
