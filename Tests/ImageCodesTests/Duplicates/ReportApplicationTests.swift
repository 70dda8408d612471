import Foundation
import SplitMix
import Testing

import ImageCodes

/// Files with contents of the test's choice, and reports about them.
private struct Files {
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
}

extension ReportApplication.Step {
    fileprivate var isRefused: Bool { if case .refused = outcome { true } else { false } }
    fileprivate var place: ImagePath? { if case .done(let place) = outcome { place } else { nil } }
}

@Suite struct ReportApplicationTests {
    private let files: Files

    init() throws { files = try Files() }

    private func pair() throws -> DuplicateReport {
        files.write("a/1.jpg", "kept")
        files.write("b/2.jpg", "dropped")
        return files.report(try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop))
    }

    // MARK: Acts

    @Test func dryRunTouchesNothing() throws {
        let report = try pair()
        for action in [ReportApplication.Action.trash, .move(to: files.path("a")), .deletePermanently] {
            var steps: [ReportApplication.Step] = []
            try ReportApplication(action).run(report, log: nil) {
                steps.append($0)
                return true
            }
            #expect(steps.map(\.outcome) == [.planned])
        }
        #expect(files.read("a/1.jpg") == "kept" && files.read("b/2.jpg") == "dropped")
        #expect(files.read("log") == nil)
    }

    @Test func trashKeepsTheFileWithItsNoteAndUndoBringsItBack() throws {
        let steps = try files.apply(pair())
        let place = try #require(steps[0].place)
        #expect(files.read("b/2.jpg") == nil && files.read(place) == "dropped")
        #expect(place == files.path("home/Trash/files/2.jpg"))
        let note = try #require(files.read("home/Trash/info/2.jpg.trashinfo"))
        #expect(note.hasPrefix("[Trash Info]\nPath=/") && note.contains("/b/2.jpg\nDeletionDate=20"))
        #expect(try files.undo() == [.restored(steps[0].image.content)])
        #expect(files.read("b/2.jpg") == "dropped" && files.read(place) == nil)
        #expect(files.read("home/Trash/info/2.jpg.trashinfo") == nil)
        #expect(try files.undo() == [.nothingToDo])
    }

    @Test func namesThatAreTakenGetNumbers() throws {
        files.write("b/x.jpg", "another")
        mkdir(files.path("b/c").string, 0o700)
        files.write("b/c/x.jpg", "dropped too")
        files.write("a/1.jpg", "kept")
        files.write("a/x.jpg", "in the way")
        let report = files.report(
            try files.image("a/1.jpg", .keep), try files.image("b/x.jpg", .drop), try files.image("b/c/x.jpg", .drop))
        let places = try files.apply(report, .move(to: files.path("a"))).map(\.place)
        #expect(places == [files.path("a/x.jpg.2"), files.path("a/x.jpg.3")])
        #expect(files.read("a/x.jpg") == "in the way" && files.read("a/x.jpg.3") == "dropped too")
        #expect(try files.undo().count == 2)
        #expect(files.read("b/x.jpg") == "another" && files.read("b/c/x.jpg") == "dropped too")
    }

    @Test func undoNeverReplacesWhatHasTheNameNow() throws {
        let steps = try files.apply(pair())
        files.write("b/2.jpg", "new")
        guard case .refused = try files.undo()[0] else {
            Issue.record("it must be left alone")
            return
        }
        let place = try #require(steps[0].place)
        #expect(files.read("b/2.jpg") == "new" && files.read(place) == "dropped")
    }

    @Test func hardLinksAreForEqualBytesAlone() throws {
        #expect(try files.apply(pair(), .hardLink)[0].isRefused)
        files.write("a/3.jpg", "same")
        files.write("b/4.jpg", "same")
        let report = files.report(try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        #expect(try files.apply(report, .hardLink)[0].place == files.path("b/4.jpg"))
        let (stays, linked) = (try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        #expect(stays.file == linked.file)
        #expect(try files.undo() == [.restored(nil)])
        let (kept, freed) = (try files.image("a/3.jpg", .keep), try files.image("b/4.jpg", .drop))
        #expect(kept.file != freed.file)
        #expect(files.read("b/4.jpg") == "same")
    }

    @Test func permanentDeletionIsLoggedAndCannotBeUndone() throws {
        let steps = try files.apply(pair(), .deletePermanently)
        #expect(steps[0].place == nil && !steps[0].isRefused && files.read("b/2.jpg") == nil)
        #expect(try files.undo() == [.refused("it was deleted for good")])
    }

    // MARK: What must not be lost

    @Test func aGroupWithoutAKeptFileIsLeftAlone() throws {
        var report = try pair()
        report.groups[0].images[0].mark = .drop
        #expect(try files.apply(report).allSatisfy(\.isRefused))
        #expect(files.read("a/1.jpg") == "kept" && files.read("b/2.jpg") == "dropped")
    }

    @Test func aFileListedTwiceIsNotItsOwnCopy() throws {
        files.write("a/1.jpg", "one")
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("a/1.jpg", .drop))
        #expect(try files.apply(report)[0].isRefused)
        link(files.path("a/1.jpg").string, files.path("b/link.jpg").string)
        let linked = files.report(try files.image("a/1.jpg", .keep), try files.image("b/link.jpg", .drop))
        #expect(try files.apply(linked)[0].isRefused)
        // A name that leads to the same file through a linked directory, as on file systems that ignore case.
        symlink(files.path("a").string, files.path("A").string)
        var alias = report
        alias.groups[0].images[1].path = files.path("A/1.jpg")
        #expect(try files.apply(alias)[0].isRefused)
        #expect(files.read("a/1.jpg") == "one" && files.read("b/link.jpg") == "one")
    }

    @Test func filesChangedSinceAreLeftAlone() throws {
        var report = try pair()
        files.write("b/2.jpg", "DROPPED")
        #expect(try files.apply(report)[0].isRefused)
        report = try pair()
        files.write("a/1.jpg", "KEPT")
        #expect(try files.apply(report)[0].isRefused)
        report = try pair()
        unlink(files.path("a/1.jpg").string)
        #expect(try files.apply(report)[0].isRefused)
        report = try pair()
        unlink(files.path("b/2.jpg").string)
        symlink(files.path("a/1.jpg").string, files.path("b/2.jpg").string)
        #expect(try files.apply(report)[0].isRefused)
        #expect(files.read("a/1.jpg") == "kept" && files.read("b/2.jpg") == "kept")
    }

    @Test func filesThatChangePlacesAtTheLastMomentAreLeftAlone() throws {
        let report = try pair()
        let steps = try files.apply(report) { _ in
            rename(files.path("b/2.jpg").string, files.path("b/elsewhere.jpg").string)
            files.write("b/2.jpg", "precious")
        }
        #expect(steps[0].isRefused)
        #expect(files.read("b/2.jpg") == "precious" && files.read("b/elsewhere.jpg") == "dropped")
        let other = try pair()
        let second = try files.apply(other) { _ in unlink(files.path("a/1.jpg").string) }
        #expect(second[0].isRefused && files.read("b/2.jpg") == "dropped")
    }

    @Test func ruleAtActingTimeReplacesTheMarksButNotTheArchives() throws {
        let steps = try files.apply(pair(), keep: KeepRule(.largest))
        #expect(steps.map(\.image.path) == [files.path("a/1.jpg")])
        #expect(files.read("b/2.jpg") == "dropped" && files.read("a/1.jpg") == nil)
        var report = try pair()
        report.groups[0].images[0].why = "archive"
        #expect(try files.apply(report, keep: KeepRule(.largest)).map(\.image.path) == [files.path("b/2.jpg")])
    }

    @Test func whatBelongsTogetherStaysTogether() throws {
        let report = try pair()
        files.write("b/2.CR2", "raw")
        #expect(try files.apply(report)[0].isRefused)
        #expect(files.read("b/2.jpg") == "dropped")
        #expect(try files.apply(report, .deletePermanently)[0].isRefused)
        // The kept one has the same raw file.
        files.write("a/1.cr2", "raw")
        files.write("b/2.xmp", "notes")
        files.write("b/2.jpg.xmp", "more notes")
        let steps = try files.apply(report)
        #expect(!steps[0].isRefused && steps[0].companions.count == 3)
        #expect(files.read("b/2.jpg") == nil && files.read("b/2.xmp") == nil && files.read("b/2.jpg.xmp") == nil)
        #expect(files.read("b/2.CR2") == nil && files.read("a/1.cr2") == "raw")
        _ = try files.undo()
        #expect(files.read("b/2.CR2") == "raw")
        #expect(files.read("b/2.xmp") == "notes" && files.read("b/2.jpg") == "dropped")
    }

    @Test func randomReportsNeverLoseTheLastCopy() throws {
        var numbers = SplitMix64(seed: 11)
        for round in 0..<40 {
            let files = try Files()
            let contents = ["red", "green", "blue"]
            var images: [DuplicateReport.Image] = []
            var held: Set<String> = []
            for number in 0..<6 {
                let name = "\(["a", "b"].randomElement(using: &numbers)!)/\(number).jpg"
                if number > 2, Bool.random(using: &numbers), let other = images.randomElement(using: &numbers) {
                    link(other.path.string, files.path(name).string)
                } else {
                    files.write(name, contents.randomElement(using: &numbers)!)
                }
                held.insert(try #require(files.read(name)))
                images.append(
                    try files.image(
                        name, Bool.random(using: &numbers) ? .keep : .drop, why: DuplicateTier.sameBytes.rawValue))
            }
            var report = files.report()
            report.groups = Dictionary(grouping: images, by: \.content).values.map {
                .init(images: $0, tier: .sameBytes)
            }
            let actions: [ReportApplication.Action] = [
                .trash, .hardLink, .deletePermanently, .move(to: files.path("a")),
            ]
            let action = actions[round % 4]
            _ = try files.apply(report, action) { _ in
                // Somebody else is at work on the same files.
                if Bool.random(using: &numbers), let other = images.randomElement(using: &numbers) {
                    rename(other.path.string, other.path.string + ".moved")
                }
            }
            var left: Set<String> = []
            for name in ["a", "b", "home/Trash/files"] {
                for file in (try? FileManager.default.contentsOfDirectory(atPath: files.path(name).string)) ?? [] {
                    files.read("\(name)/\(file)").map { _ = left.insert($0) }
                }
            }
            #expect(held.isSubset(of: left))
        }
    }
}
