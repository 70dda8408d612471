import Foundation
import Testing

import ImageCodes

/// What the lines of a group say of each other, and what is made of it where they do not agree.
@Suite struct ReportApplicationGroupTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    /// Two groups of equal files, between which the line is gone.
    private func merged() throws -> DuplicateReport {
        for (name, text) in [("a/1", "one"), ("b/1", "one"), ("a/2", "two"), ("b/2", "two")] {
            files.write(name + ".jpg", text)
        }
        return files.report(
            try files.image("a/1.jpg", .keep, why: "oldest"), try files.image("b/1.jpg", .drop, why: "same-bytes"),
            try files.image("a/2.jpg", .keep, why: "oldest"), try files.image("b/2.jpg", .drop, why: "same-bytes"))
    }

    @Test func aFileIsNotDroppedForOneWithOtherBytes() throws {
        var report = try merged()
        // Its own kept file is gone.
        unlink(files.path("a/2.jpg").string)
        let steps = try files.apply(report)
        #expect(steps.map(\.isRefused) == [false, true] && files.read("b/2.jpg") == "two")
        // Its line is gone.
        report = try merged()
        report.groups[0].images.remove(at: 2)
        #expect(try files.apply(report).map(\.isRefused) == [false, true] && files.read("b/2.jpg") == "two")
    }

    @Test func eachIsComparedWithTheKeptFileThatHasItsBytes() throws {
        let steps = try files.apply(merged())
        #expect(steps.map(\.kept?.path) == [files.path("a/1.jpg"), files.path("a/2.jpg")])
        #expect(steps.allSatisfy { !$0.isRefused })
    }

    @Test(arguments: [DuplicateTier.sameBytes, .near])
    func aRuleDoesNotMakeUpForALostLine(tier: DuplicateTier) throws {
        var report = try merged()
        report.groups[0].tier = tier
        _ = try files.apply(report, keep: KeepRule(.firstPath))
        #expect(files.read("a/1.jpg") == "one" && files.read("b/2.jpg") == "two")
    }

    @Test func theReasonIsThatOfTheMark() throws {
        for (name, text) in [("a/1.jpg", "one"), ("b/1.jpg", "one"), ("b/3.jpg", "alike")] { files.write(name, text) }
        let report = files.report(
            try files.image("a/1.jpg", .keep, why: "oldest"), try files.image("b/1.jpg", .drop, why: "same-bytes"),
            try files.image("b/3.jpg", .drop, why: "near"))
        func reasons(_ report: DuplicateReport, _ keep: KeepRule?) throws -> [[String?]] {
            var application = ReportApplication(.trash)
            application.keep = keep
            var reasons: [[String?]] = []
            try application.run(report, log: nil) {
                reasons.append([$0.image.why, $0.kept?.why])
                return true
            }
            return reasons
        }
        #expect(try reasons(report, nil) == [["same-bytes", "oldest"], ["near", "oldest"]])
        let below = KeepRule(.largest, under: files.path("b/1.jpg"))
        #expect(try reasons(report, below) == [["same-bytes", "under"], ["near", "under"]])
        #expect(try reasons(report, KeepRule(.largest)) == [["near", "largest"], ["near", "largest"]])
        // Marks that somebody has changed.
        var edited = report
        edited.groups[0].images[0].mark = .drop
        edited.groups[0].images[1].mark = .keep
        #expect(try reasons(edited, nil) == [["same-bytes", "marked keep"], ["near", "marked keep"]])
    }

    @Test func aKeptFileIsNotDroppedByAnotherName() throws {
        for (name, text) in [("a/1.jpg", "one"), ("b/2.jpg", "two"), ("b/3.jpg", "three")] { files.write(name, text) }
        symlink(files.path("a").string, files.path("A").string)
        var report = files.report()
        report.groups = [
            .init(images: [try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop)], tier: .near),
            .init(images: [try files.image("b/3.jpg", .keep), try files.image("A/1.jpg", .drop)], tier: .near),
        ]
        #expect(try files.apply(report).map(\.isRefused) == [false, true] && files.read("a/1.jpg") == "one")
    }
}
