import Foundation
import Testing

import ImageCodes

/// The log of what was done, and the way back.
@Suite struct UndoTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    @Test func aLineThatWasCutOffSpoilsNoOther() throws {
        _ = try files.apply(files.pair())
        let log = try #require(files.read("log"))
        files.write("log", "\(log)\(log.prefix(log.count / 2))")
        files.write("a/3.jpg", "kept too")
        files.write("b/4.jpg", "dropped too")
        let second = files.report(try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        #expect(try files.apply(second)[0].place != nil)
        #expect(files.read("log")?.split(separator: "\n").count == 2)
        #expect(try files.undo().count == 2)
        #expect(files.read("b/2.jpg") == "dropped" && files.read("b/4.jpg") == "dropped too")
    }

    // MARK: Runs

    /// Drops `b/2.jpg` in a run, and `b/4.jpg` in another.
    private func applyTwice(second: ReportApplication.Action = .trash) throws {
        _ = try files.apply(files.pair())
        files.write("a/3.jpg", "kept too")
        files.write("b/4.jpg", "dropped too")
        let report = files.report(try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        _ = try files.apply(report, second)
    }

    private var areBack: [Bool] { ["b/2.jpg", "b/4.jpg"].map { files.read($0) != nil } }

    @Test func runsAreTakenBackOneByOne() throws {
        try applyTwice()
        #expect(files.read("log")?.components(separatedBy: "\"began\":").count == 3)
        #expect(try files.undoLastRun() == 1 && areBack == [false, true])
        #expect(try files.undoLastRun() == 0 && areBack == [true, true])
    }

    @Test func onlyTheFirstLineOfARunMarksIt() throws {
        _ = try files.pair()
        files.write("b/3.jpg", "dropped")
        let report = files.report(
            try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop), try files.image("b/3.jpg", .drop))
        _ = try files.apply(report)
        #expect(files.read("log")?.components(separatedBy: "\"began\":").count == 2)
        #expect(try files.undoLastRun() == 0 && files.read("b/2.jpg") != nil && files.read("b/3.jpg") != nil)
    }

    @Test func logsWithoutMarksAreOneRun() throws {
        try applyTwice()
        let marks = try NSRegularExpression(pattern: #""began":"[^"]*","#)
        let log = try #require(files.read("log"))
        let all = NSRange(log.startIndex..., in: log)
        files.write("log", marks.stringByReplacingMatches(in: log, range: all, withTemplate: ""))
        #expect(try files.undoLastRun() == 0 && areBack == [true, true])
    }

    @Test func whatIsLostKeepsNobodyFromEarlierRuns() throws {
        try applyTwice(second: .deletePermanently)
        #expect(try files.undoLastRun() == 0 && areBack == [true, false])
    }

    @Test func aRunThatIsHinderedIsStillTheLast() throws {
        try applyTwice()
        files.write("b/4.jpg", "another")
        #expect(try files.undoLastRun() == 1 && files.read("b/2.jpg") == nil)
        #expect(files.read("b/4.jpg") == "another")
    }

    // MARK: What is left alone

    @Test func aFileOfSomethingElseIsNotCut() throws {
        files.write("log", "eggs\nmilk")
        #expect(throws: ImageCodesError.self) { try files.apply(files.pair()) }
        #expect(files.read("log") == "eggs\nmilk" && files.read("b/2.jpg") == "dropped")
    }

    @Test func onlyTheVeryFileThatWentComesBack() throws {
        let place = try #require(try files.apply(files.pair())[0].place)
        func isRefused() throws -> Bool {
            guard case .refused = try files.undo()[0] else { return false }
            return files.read("b/2.jpg") == nil
        }
        // Of the same length.
        #expect(FileManager.default.createFile(atPath: place.string, contents: Data("DROPPED".utf8)))
        #expect(try isRefused())
        unlink(place.string)
        symlink("nowhere", place.string)
        #expect(try isRefused())
        unlink(place.string)
        #expect(FileManager.default.createFile(atPath: place.string, contents: Data("dropped".utf8)))
        #expect(try !isRefused())
        #expect(files.read("b/2.jpg") == "dropped")
    }

    /// A note that the log names elsewhere, and something else in the note's place.
    @Test(arguments: [("a/precious", "[Trash Info]\n"), ("home/Trash/info/2.jpg.trashinfo", "precious")])
    func onlyTheNoteOfTheFileIsRemoved(name: String, text: String) throws {
        _ = try files.apply(files.pair())
        files.write(name, text)
        let log = try #require(files.read("log"))
        let edited = log.replacingOccurrences(
            of: files.path("home/Trash/info/2.jpg.trashinfo").string, with: files.path(name).string)
        var steps: [Undoing.Step] = []
        try Undoing(parsing: edited, named: "log").run { steps.append($0) }
        #expect(steps.map(\.leftNote) == [files.path(name)] && files.read(name) == text)
        #expect(files.read("b/2.jpg") == "dropped")
    }

    @Test func aFileIsRenamedToAFreeNameOnly() {
        let (one, two) = (files.write("a/1", "one"), files.write("b/2", "two"))
        #expect(one.rename(toFree: two) == EEXIST)
        #expect(files.read(one) == "one" && files.read(two) == "two")
        #expect(one.rename(toFree: files.path("b/free")) == 0)
        #expect(files.read(one) == nil && files.read("b/free") == "one")
        #expect(one.rename(toFree: files.path("b/other")) == ENOENT)
    }

    @Test func aTrashThatSomebodyElseMayHaveMadeIsLookedAt() {
        #expect(Trash.isOurs(files.path("a")))
        symlink(files.path("a").string, files.path("link").string)
        #expect(!Trash.isOurs(files.path("link")) && !Trash.isOurs(files.path("none")))
        #expect(!Trash.isOurs(files.write("file", "text")))
        if !isSuperuser { #expect(!Trash.isOurs(ImagePath("/"))) }
    }
}
