import Foundation
import ImageCodes
import TestSupport
import Testing

/// When changes are dealt with, by a clock of the test's own.
@Suite struct GatheredChangesTests {
    private let start = ContinuousClock.now
    private var changes: GatheredChanges

    init() {
        var timing = GatheredChanges.Timing()
        (timing.quiet, timing.latest, timing.settling) = (.seconds(1), .seconds(5), .seconds(10))
        changes = GatheredChanges(timing)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private let a = ImagePath("/t/a.png")
    private let b = ImagePath("/t/b.png")

    private mutating func take(_ seconds: Double, settled: Bool = true) -> GatheredChanges.Batch {
        changes.take(at: at(seconds)) { _, _ in settled }
    }

    @Test mutating func changesWaitForQuietButNotForEver() {
        #expect(changes.due == nil)
        changes.note(.file(a), at: at(0))
        #expect(changes.due == at(1))
        changes.note(.file(b), at: at(0.5))
        #expect(changes.due == at(1.5))
        for step in 1...20 { changes.note(.file(a), at: at(0.5 * Double(step))) }
        #expect(changes.due == at(5))
        #expect(take(5).paths == [a, b])
        #expect(changes.due == nil && take(6) == GatheredChanges.Batch())
    }

    @Test mutating func filesThatCameToBeWaitUntilTheyAreClosedOrLeftAlone() {
        changes.note(.unfinishedFile(a), at: at(0))
        #expect(changes.due == at(10))
        changes.note(.file(b), at: at(1))
        #expect(take(2).paths == [b])
        #expect(take(10, settled: false).paths.isEmpty)
        #expect(changes.due == at(20))
        changes.note(.file(a), at: at(11))
        #expect(take(12).paths == [a])
        changes.note(.unfinishedFile(b), at: at(30))
        #expect(take(40).paths == [b])
        #expect(changes.due == nil)
    }

    @Test mutating func whatWasLostIsLookedForEverywhere() {
        changes.note(.overflow, at: at(0))
        let batch = take(1)
        #expect(batch.isEverything && batch.hasOverflowed)
        for number in 0..<70_000 { changes.note(.file(ImagePath("/t/\(number).png")), at: at(2)) }
        let many = take(3)
        #expect(many.isEverything && !many.hasOverflowed && many.paths.count < 70_000)
    }

    @Test mutating func aBatchThatIsGivenBackComesAgainWithWhatIsNew() {
        changes.note(.directoryGone(a), at: at(0))
        let batch = take(1)
        changes.note(.file(b), at: at(1.5))
        changes.giveBack(batch, at: at(2))
        #expect(changes.due == at(3))
        let again = take(3)
        #expect(again.paths == [a, b] && again.goneDirectories == [a])
    }

    /// Where the file system keeps such a time, as one in memory does.
    @Test func aFileOfAnyTimeIsLeftAloneForLongEnough() throws {
        let folder = try TemporaryFolder(inMemory: true)
        defer { withExtendedLifetime(folder) {} }
        let path = try folder.write([], to: "a")
        let times = [timespec(tv_sec: .min, tv_nsec: 0), timespec(tv_sec: .min, tv_nsec: 0)]
        try check(utimensat(AT_FDCWD, path, times, 0), "utimensat")
        #expect(ChangeQueue.isSettled(ImagePath(path), .zero))
        #expect(!ChangeQueue.isSettled(ImagePath(path), .seconds(3_600)))
    }
}
