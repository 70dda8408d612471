import Foundation
import Testing

import ImageCodes

/// What goes with a file that is dropped, and what must not.
@Suite struct BelongingFilesTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    /// A report of two groups.
    private func report(
        _ first: [DuplicateReport.Image], _ second: [DuplicateReport.Image]
    ) -> DuplicateReport {
        var report = files.report()
        report.groups = [first, second].map { .init(images: $0, tier: .near) }
        return report
    }

    @Test(arguments: ["HEIC", "dng"])
    func whatHasTheNameOfBothStaysWithTheKeptOne(ending: String) throws {
        files.write("a/IMG_1.\(ending)", "kept")
        files.write("a/IMG_1.JPG", "dropped")
        for (name, text) in [("MOV", "film"), ("tif", "scan"), ("xmp", "notes"), ("JPG.xmp", "notes on the JPEG")] {
            files.write("a/IMG_1.\(name)", text)
        }
        let report = files.report(
            try files.image("a/IMG_1.\(ending)", .keep), try files.image("a/IMG_1.tif", .keep),
            try files.image("a/IMG_1.JPG", .drop))
        let expected = [files.path("a/IMG_1.JPG.xmp")]
        #expect(try files.plan(report).map(\.companions) == [expected])
        #expect(try files.apply(report).map(\.companions) == [expected])
        #expect(files.read("a/IMG_1.JPG") == nil && files.read("a/IMG_1.JPG.xmp") == nil)
        #expect(files.read("a/IMG_1.\(ending)") == "kept" && files.read("a/IMG_1.MOV") == "film")
        #expect(files.read("a/IMG_1.tif") == "scan" && files.read("a/IMG_1.xmp") == "notes")
    }

    @Test func soItDoesWhereTheReportNamesTheirDirectoryInTwoWays() throws {
        files.write("a/IMG_1.HEIC", "kept")
        files.write("a/IMG_1.JPG", "dropped")
        files.write("a/IMG_1.MOV", "film")
        files.write("a/IMG_1.xmp", "notes")
        symlink(files.path("a").string, files.path("A").string)
        let report = files.report(try files.image("A/IMG_1.HEIC", .keep), try files.image("a/IMG_1.JPG", .drop))
        let steps = try files.apply(report)
        #expect(steps[0].place != nil && steps[0].companions.isEmpty)
        #expect(files.read("a/IMG_1.MOV") == "film" && files.read("a/IMG_1.xmp") == "notes")
    }

    @Test func whatIsKeptInAnotherGroupDoesNotGoAlong() throws {
        files.write("a/1.jpg", "kept")
        files.write("b/2.jpg", "dropped")
        for name in ["a/1.dng", "b/2.dng", "b/3.dng"] { files.write(name, "raw") }
        let report = report(
            [try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop)],
            [try files.image("b/2.dng", .keep), try files.image("b/3.dng", .drop)])
        #expect(try files.plan(report).map(\.isRefused) == [true, false])
        #expect(try files.apply(report).map(\.isRefused) == [true, false])
        #expect(files.read("b/2.jpg") == "dropped" && files.read("b/2.dng") == "raw" && files.read("b/3.dng") == nil)
    }

    @Test func aFileThatIsKeptInAnotherGroupIsNotDropped() throws {
        let pair = try files.pair()
        files.write("b/3.jpg", "another")
        let report = report(
            pair.groups[0].images, [try files.image("b/2.jpg", .keep), try files.image("b/3.jpg", .drop)])
        #expect(try files.plan(report).map(\.isRefused) == [true, false])
        #expect(try files.apply(report).map(\.isRefused) == [true, false])
        #expect(files.read("b/2.jpg") == "dropped" && files.read("b/3.jpg") == nil)
    }

    @Test func anEqualFileThatIsDroppedItselfDoesNotCount() throws {
        let pair = try files.pair()
        files.write("a/1.cr2", "raw")
        files.write("b/2.CR2", "raw")
        files.write("b/4.jpg", "kept too")
        let report = report(
            pair.groups[0].images, [try files.image("b/4.jpg", .keep), try files.image("a/1.cr2", .drop)])
        #expect(try files.apply(report).map(\.isRefused) == [true, true])
        #expect(files.read("b/2.CR2") == "raw" && files.read("a/1.cr2") == "raw")
    }

    @Test func onlyWhatWentIsSaidToHaveGone() throws {
        let report = try files.pair()
        files.write("b/2.jpg.xmp", "notes")
        files.write("b/2.xmp", "more notes")
        let steps = try files.apply(report) { _ in unlink(files.path("b/2.xmp").string) }
        #expect(steps[0].companions == [files.path("b/2.jpg.xmp")] && steps[0].place != nil)
        #expect(steps[0].leftBehind.map(\.path) == [files.path("b/2.xmp")])
    }

    // MARK: Edits

    @Test(arguments: [ReportApplication.Action.hardLink, .deletePermanently, .trash], ["a/3.jpg", "b/4.jpg"])
    func editsBetweenTheCheckAndTheActAreNotLost(action: ReportApplication.Action, edited: String) throws {
        files.write("a/3.jpg", "same")
        files.write("b/4.jpg", "same")
        let report = files.report(try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        let steps = try files.apply(report, action) { _ in
            // Into the same file, of the same length.
            #expect(throws: Never.self) {
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: files.path(edited).string))
                try handle.write(contentsOf: Data("EDIT".utf8))
                try handle.close()
            }
        }
        #expect(steps[0].isRefused && files.read(edited) == "EDIT" && files.read("b/4.jpg") != nil)
    }
}
