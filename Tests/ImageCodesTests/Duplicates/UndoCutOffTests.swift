import Foundation
import Testing

import ImageCodes

/// The way back where the machine stopped halfway, or others were there in the meantime.
@Suite struct UndoCutOffTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    /// Applies to two equal files. Returns the hidden name under which the second one waited.
    private func apply(_ action: ReportApplication.Action) throws -> ImagePath {
        files.write("a/1.jpg", "same")
        files.write("b/2.jpg", "same")
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop))
        _ = try files.apply(report, action)
        let log = try #require(files.read("log"))
        let hidden = try #require(log.split(separator: "\"").first { $0.hasSuffix(".hashdb") && $0.contains("/.") })
        return ImagePath(String(hidden))
    }

    private func write(_ text: String, to path: ImagePath) {
        #expect(FileManager.default.createFile(atPath: path.string, contents: Data(text.utf8)))
    }

    private func inode(_ path: ImagePath) throws -> UInt64 {
        var status = stat()
        try check(lstat(path.string, &status), "lstat")
        return UInt64(status.st_ino)
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: files.path(directory).string).sorted()
    }

    private func undo(atLastMoment: @escaping (ImagePath) -> Void) throws -> [Undoing.Step.Outcome] {
        var undoing = try Undoing(parsing: try #require(files.read("log")), named: "log")
        undoing.atLastMoment = atLastMoment
        var outcomes: [Undoing.Step.Outcome] = []
        try undoing.run { outcomes.append($0.outcome) }
        return outcomes
    }

    /// As after a name of the kept file was put in the place, and before the original was removed.
    @Test func whatALinkReplacedComesBackInItsPlace() throws {
        let aside = try apply(.hardLink)
        write("same", to: aside)
        let original = try inode(aside)
        #expect(try files.undo() == [.restored(nil)])
        #expect(try inode(files.path("b/2.jpg")) == original)
        #expect(try names("b") == ["2.jpg"])
        #expect(files.read("a/1.jpg") == "same")
        #expect(try files.undo() == [.nothingToDo])
    }

    @Test func whatALinkReplacedIsComparedFirst() throws {
        let aside = try apply(.hardLink)
        write("SAME", to: aside)
        guard case .refused(let reason) = try files.undo()[0] else {
            Issue.record("it is not what was put aside")
            return
        }
        #expect(reason.contains(aside.string) && files.read(aside) == "SAME")
        #expect(try inode(files.path("b/2.jpg")) == inode(files.path("a/1.jpg")))
    }

    @Test(arguments: [ReportApplication.Action.hardLink, .deletePermanently])
    func whatIsStillHiddenIsNamedWhereTheNameIsTaken(action: ReportApplication.Action) throws {
        let aside = try apply(action)
        write("same", to: aside)
        unlink(files.path("b/2.jpg").string)
        files.write("b/2.jpg", "another")
        guard case .refused(let reason) = try files.undo()[0] else {
            Issue.record("nothing is said of what is hidden")
            return
        }
        #expect(reason.contains(aside.string), "\(reason)")
        #expect(files.read(aside) == "same" && files.read("b/2.jpg") == "another")
        unlink(files.path("b/2.jpg").string)
        guard case .restored = try files.undo()[0] else {
            Issue.record("the name is free")
            return
        }
        #expect(files.read("b/2.jpg") == "same")
        #expect(try names("b") == ["2.jpg"])
    }

    /// One of two names goes just before the other would.
    @Test func theLastNameOfAFileIsNotRemoved() throws {
        let place = try #require(try files.apply(files.pair())[0].place)
        try check(Foundation.link(place.string, files.path("b/2.jpg").string), "link")
        let outcomes = try undo { _ in
            files.write("b/new", "another")
            rename(files.path("b/new").string, files.path("b/2.jpg").string)
        }
        guard case .refused(let reason) = outcomes[0] else {
            Issue.record("something else has its name: \(outcomes)")
            return
        }
        #expect(reason.contains(place.string))
        #expect(files.read(place) == "dropped" && files.read("b/2.jpg") == "another")
    }

    /// Between the two renames, and after them.
    @Test(arguments: [false, true]) func aWayBackThatWasCutOffIsFinished(isReplaced: Bool) throws {
        let aside = try apply(.hardLink)
        if isReplaced {
            #expect(try files.undo() == [.restored(nil)])
            try check(Foundation.link(files.path("a/1.jpg").string, aside.string), "link")
        } else {
            try check(rename(files.path("b/2.jpg").string, aside.string), "rename")
        }
        #expect(try files.undo() == [isReplaced ? .nothingToDo : .restored(nil)])
        #expect(try names("b") == ["2.jpg"])
        #expect(try inode(files.path("b/2.jpg")) != inode(files.path("a/1.jpg")))
        #expect(files.read("a/1.jpg") == "same" && files.read("b/2.jpg") == "same")
        #expect(try files.undo() == [.nothingToDo])
    }

    @Test func aLinkWaitsUnderTheNameInTheLog() throws {
        let aside = try apply(.hardLink)
        let outcomes = try undo { _ in write("in the way", to: aside) }
        guard case .refused = outcomes[0] else {
            Issue.record("it was put under another name: \(outcomes)")
            return
        }
        #expect(try inode(files.path("b/2.jpg")) == inode(files.path("a/1.jpg")) && files.read(aside) == "in the way")
    }

    /// A file that goes with another, and whose place something else takes at the last moment. Returns what took it.
    private func applyWithSidecarLeftBehind() throws -> ImagePath {
        files.write("b/2.xmp", "notes")
        let (report, other) = (try files.pair(), files.path("else/2.xmp"))
        mkdir(files.path("else").string, 0o700)
        var application = ReportApplication(.move(to: files.path("else")))
        application.isDryRun = false
        application.atLastMoment = { if $0.name.elementsEqual("2.xmp".utf8) { write("of somebody", to: other) } }
        try application.run(report, log: try UndoLog(appendingTo: files.path("log"), store: files.path("store"))) {
            #expect($0.place != nil && $0.leftBehind.map(\.path) == [files.path("b/2.xmp")])
            return true
        }
        return other
    }

    @Test func aFileOfSomebodyElseIsNoSidecarThatWent() throws {
        let other = try applyWithSidecarLeftBehind()
        let outcomes = try files.undo()
        #expect(outcomes.count == 2 && outcomes[0] == .nothingToDo && files.read("b/2.jpg") == "dropped")
        #expect(files.read("b/2.xmp") == "notes" && files.read(other) == "of somebody")
        unlink(files.path("b/2.xmp").string)
        guard case .refused = try files.undo()[0] else {
            Issue.record("it never went there")
            return
        }
        #expect(files.read("b/2.xmp") == nil && files.read(other) == "of somebody")
    }

    @Test(arguments: [false, true]) func sidecarsComeBackByLogsOfFormerVersionsToo(isFormer: Bool) throws {
        files.write("b/2.xmp", "notes")
        _ = try files.apply(files.pair())
        #expect(files.read("b/2.xmp") == nil)
        if isFormer {
            let (log, pattern) = (try #require(files.read("log")), "\"modified\":-?[0-9]+,\"size\":[0-9]+,")
            let former = log.replacingOccurrences(of: pattern, with: "", options: .regularExpression)
            #expect(former != log)
            files.write("log", former)
        }
        #expect(try files.undo().count == 2)
        #expect(files.read("b/2.xmp") == "notes" && files.read("b/2.jpg") == "dropped")
    }
}
