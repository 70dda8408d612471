import Foundation
import Testing

import ImageCodes

/// The way back from a link to a file of its own.
@Suite struct UndoLinkTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    private func status(_ name: String) throws -> stat {
        var status = stat()
        try check(lstat(files.path(name).string, &status), "lstat")
        return status
    }

    private func setTime(_ name: String, _ nanoseconds: Int) throws {
        let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: -2, tv_nsec: nanoseconds)]
        try check(utimensat(AT_FDCWD, files.path(name).string, times, 0), "utimensat")
    }

    /// Two equal files, of which one is made a link of the other.
    private func link() throws {
        files.write("a/3.jpg", "same")
        files.write("b/4.jpg", "same")
        try setTime("b/4.jpg", 123_456_789)
        chmod(files.path("a/3.jpg").string, 0o644)
        chmod(files.path("b/4.jpg").string, 0o440)
        if isSuperuser { chown(files.path("b/4.jpg").string, 12, 34) }
        let report = files.report(try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        #expect(try files.apply(report, .hardLink)[0].place != nil)
    }

    @Test func whatWasTheFilesOwnComesBack() throws {
        try link()
        let kept = try status("a/3.jpg")
        #expect(try status("b/4.jpg").st_ino == kept.st_ino)
        #expect(try files.undo() == [.restored(nil)])
        let restored = try status("b/4.jpg")
        #expect(restored.st_ino != kept.st_ino && restored.st_mode & 0o7777 == 0o440)
        #expect(FileStamp(restored) == FileStamp(size: 4, modificationTime: -2_000_000_000 + 123_456_789))
        if isSuperuser { #expect(restored.st_uid == 12 && restored.st_gid == 34) }
        let untouched = try status("a/3.jpg")
        #expect(FileStamp(untouched) == FileStamp(kept) && untouched.st_mode == kept.st_mode)
        #expect(try files.undo() == [.nothingToDo])
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path("b").string) == ["4.jpg"])
    }

    @Test func logsOfFormerVersionsAreRead() throws {
        try link()
        let line = try #require(files.read("log"))
        let start = try #require(line.range(of: ",\"aside\":"))
        let end = try #require(line.range(of: ",\"content\":"))
        files.write("log", String(line[..<start.lowerBound] + line[end.lowerBound...]))
        #expect(try files.undo() == [.restored(nil)])
        #expect(try status("b/4.jpg").st_ino != status("a/3.jpg").st_ino && files.read("b/4.jpg") == "same")
        #expect(try FileStamp(status("b/4.jpg")) == FileStamp(status("a/3.jpg")))
    }

    @Test func aFileThatWasEditedUnderBothNamesIsNotSaidToBeBack() throws {
        try link()
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path("a/3.jpg").string))
        try handle.write(contentsOf: Data("EDIT".utf8))
        try handle.close()
        guard case .refused = try files.undo()[0] else {
            Issue.record("it must be left alone")
            return
        }
        #expect(files.read("b/4.jpg") == "EDIT")
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path("b").string) == ["4.jpg"])
    }

    @Test func whatIsNowhereIsNotPassedOver() throws {
        let place = try #require(try files.apply(files.pair())[0].place)
        unlink(place.string)
        guard case .refused = try files.undo()[0] else {
            Issue.record("it is gone")
            return
        }
    }

    @Test func aReturnThatWasCutOffIsFinished() throws {
        let steps = try files.apply(files.pair())
        let place = try #require(steps[0].place)
        try check(Foundation.link(place.string, files.path("b/2.jpg").string), "link")
        #expect(try files.undo() == [.restored(steps[0].image.content)])
        #expect(files.read("b/2.jpg") == "dropped" && files.read(place) == nil)
    }
}
