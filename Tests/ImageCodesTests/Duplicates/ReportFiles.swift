import Foundation
import Testing

import ImageCodes

/// Files with contents of the test's choice, and reports about them.
struct ReportFiles {
    let directory: TemporaryDirectory
    var root: ImagePath { directory.path }

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["home", "a", "b"] { mkdir("\(directory.path.string)/\(name)", 0o700) }
    }

    func path(_ name: String) -> ImagePath { root.appending(name.utf8) }

    @discardableResult
    func write(_ name: String, _ text: String) -> ImagePath {
        #expect(FileManager.default.createFile(atPath: path(name).string, contents: Data(text.utf8)))
        return path(name)
    }

    func read(_ path: ImagePath) -> String? {
        FileManager.default.contents(atPath: path.string).map { String(decoding: $0, as: UTF8.self) }
    }

    func read(_ name: String) -> String? { read(path(name)) }

    func image(_ name: String, _ mark: DuplicateReport.Mark, why: String = "near") throws -> DuplicateReport.Image {
        var status = stat()
        try #require(lstat(path(name).string, &status) == 0)
        let bytes = Array(try #require(read(name)).utf8)
        return .init(
            mark: mark, why: why, distance: 0, path: path(name),
            content: ImageContent(hash: ContentHash(of: bytes), size: UInt64(bytes.count)), width: 1, height: 1,
            modificationTime: FileStamp(status).modificationTime, file: FileNumber(status))
    }

    func report(_ images: DuplicateReport.Image...) -> DuplicateReport {
        var report = DuplicateReport(store: path("store"), model: "pdq", tier: .near, radius: 31, bits: 256)
        report.groups = [.init(images: images, tier: .near)]
        return report
    }

    /// One file that is kept and one that is dropped.
    func pair() throws -> DuplicateReport {
        write("a/1.jpg", "kept")
        write("b/2.jpg", "dropped")
        return report(try image("a/1.jpg", .keep), try image("b/2.jpg", .drop))
    }

    /// What would become of each file.
    func plan(
        _ report: DuplicateReport, _ action: ReportApplication.Action = .trash
    ) throws -> [ReportApplication.Step] {
        var steps: [ReportApplication.Step] = []
        try ReportApplication(action).run(report, log: nil) {
            steps.append($0)
            return true
        }
        return steps
    }

    /// Applies for good; what became of each file.
    func apply(
        _ report: DuplicateReport, _ action: ReportApplication.Action = .trash, keep: KeepRule? = nil,
        beforeAct: @escaping (DuplicateReport.Image) -> Void = { _ in }
    ) throws -> [ReportApplication.Step] {
        var application = ReportApplication(action)
        application.isDryRun = false
        application.trash = Trash(home: path("home/Trash"))
        application.keep = keep
        application.beforeAct = beforeAct
        var steps: [ReportApplication.Step] = []
        try application.run(report, log: try UndoLog(appendingTo: path("log"), store: path("store"))) {
            steps.append($0)
            return true
        }
        return steps
    }

    func undo() throws -> [Undoing.Step.Outcome] {
        var outcomes: [Undoing.Step.Outcome] = []
        try Undoing(parsing: try #require(read("log")), named: "log").run { outcomes.append($0.outcome) }
        return outcomes
    }

    /// Takes back the last run that is left; how many there are before it.
    func undoLastRun() throws -> Int {
        var undoing = try Undoing(parsing: try #require(read("log")), named: "log")
        undoing.takesAllRuns = false
        return try undoing.run { _ in }
    }
}

extension ReportApplication.Step {
    var isRefused: Bool { if case .refused = outcome { true } else { false } }
    var place: ImagePath? { if case .done(let place) = outcome { place } else { nil } }
}
