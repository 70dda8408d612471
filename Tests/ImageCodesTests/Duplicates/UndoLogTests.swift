import Foundation
import Testing

import ImageCodes

/// What an undo log is written to, and read from.
@Suite struct UndoLogTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    @Test(arguments: ["eggs\nmilk\n", "\n", "{\"other\":1}\n", "# hashdb duplicates, version 1\n", "eggs"])
    func whatIsNoLogIsNotWrittenTo(text: String) throws {
        files.write("log", text)
        #expect(throws: ImageCodesError.self) { try files.apply(files.pair()) }
        #expect(files.read("log") == text && files.read("b/2.jpg") == "dropped")
    }

    @Test func theReportIsNoLog() throws {
        let report = try files.pair()
        for text in [report.text, report.json] {
            files.write("log", text)
            #expect(throws: ImageCodesError.self) { try files.apply(report) }
            #expect(files.read("log") == text && files.read("b/2.jpg") == "dropped")
        }
    }

    @Test func whatIsNoFileIsNotWrittenTo() throws {
        try check(mkfifo(files.path("log").string, 0o600), "mkfifo")
        #expect(throws: ImageCodesError.self) { try files.apply(files.pair()) }
        #expect(files.read("b/2.jpg") == "dropped")
    }

    @Test func oneWritesAtATime() throws {
        let log = try UndoLog(appendingTo: files.path("log"), store: files.path("store"))
        #expect(throws: ImageCodesError.self) { try files.apply(files.pair()) }
        #expect(log.path == files.path("log"))
        #expect(files.read("b/2.jpg") == "dropped")
    }

    @Test func anEmptyFileBecomesALog() throws {
        files.write("log", "")
        #expect(try files.apply(files.pair())[0].place != nil)
        #expect(try files.undo().count == 1)
    }

    @Test func lineEndsOfOtherSystemsAreRead() throws {
        _ = try files.apply(files.pair())
        files.write("log", try #require(files.read("log")).replacingOccurrences(of: "\n", with: "\r\n"))
        #expect(try files.undo().count == 1 && files.read("b/2.jpg") == "dropped")
    }
}
