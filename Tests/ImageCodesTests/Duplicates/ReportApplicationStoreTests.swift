import Foundation
import HashDB
import Testing

import ImageCodes

/// Files that the store of a report does not know.
@Suite struct ReportApplicationStoreTests {
    private let files: ReportFiles
    private let store: Store

    init() throws {
        files = try ReportFiles()
        store = try Store.create(
            at: files.path("store").string, bitWidth: 16, model: ModelIdentity(name: "pdq", fingerprint: "f"))
    }

    private func put(_ image: DuplicateReport.Image, content: ImageContent) throws {
        let place = ImagePlace(
            root: 0, path: image.path.relative(to: ImagePath("/")), modificationTime: image.modificationTime,
            inode: image.file.inode)
        var detached: [UInt64] = []
        try store.write { transaction in
            _ = try transaction.put(
                FoundImage(path: image.path, place: place, content: content),
                NewImage(code: BinaryCode(bytes: [0, 0]), width: 1, height: 1), isGone: { _ in false },
                detached: &detached)
        }
    }

    private func apply(_ report: DuplicateReport) throws -> ReportApplication.Step.Outcome? {
        var application = ReportApplication(.deletePermanently)
        application.isDryRun = false
        application.stores = [store]
        var outcomes: [ReportApplication.Step.Outcome] = []
        try application.run(report, log: try UndoLog(appendingTo: files.path("log"), store: files.path("store"))) {
            outcomes.append($0.outcome)
            return true
        }
        #expect(outcomes.count == 1)
        return outcomes.first
    }

    @Test func onlyFilesThatTheStoreKnowsAreActedOn() throws {
        let report = try files.pair()
        let dropped = report.groups[0].images[1]
        let refusal = ReportApplication.Step.Outcome.refused(
            "the store does not know it, or with other bytes; run hashdb ingest before")
        #expect(try apply(report) == refusal)
        // Under another content, and that content under another name.
        try put(dropped, content: ImageContent(hash: ContentHash(high: 1, low: 2), size: 3))
        var elsewhere = dropped
        elsewhere.path = files.path("b/3.jpg")
        try put(elsewhere, content: dropped.content)
        #expect(try apply(report) == refusal)
        #expect(files.read("b/2.jpg") == "dropped")
        // The one that stays need not be known.
        try put(dropped, content: dropped.content)
        #expect(try apply(report) == .done(nil))
        #expect(files.read("b/2.jpg") == nil && files.read("a/1.jpg") == "kept")
    }
}
