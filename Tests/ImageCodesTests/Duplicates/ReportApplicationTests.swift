import Foundation
import TestSupport
import Testing

import ImageCodes

@Suite struct ReportApplicationTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    // MARK: Acts

    @Test func dryRunTouchesNothing() throws {
        let report = try files.pair()
        for action in [ReportApplication.Action.trash, .move(to: files.path("a")), .deletePermanently] {
            #expect(try files.plan(report, action).map(\.outcome) == [.planned])
        }
        #expect(files.read("a/1.jpg") == "kept" && files.read("b/2.jpg") == "dropped")
        #expect(files.read("log") == nil)
    }

    @Test func trashKeepsTheFileWithItsNoteAndUndoBringsItBack() throws {
        let steps = try files.apply(files.pair())
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
        #expect(places == [files.path("a/x.2.jpg"), files.path("a/x.3.jpg")])
        #expect(files.read("a/x.jpg") == "in the way" && files.read("a/x.3.jpg") == "dropped too")
        #expect(try files.undo().count == 2)
        #expect(files.read("b/x.jpg") == "another" && files.read("b/c/x.jpg") == "dropped too")
    }

    @Test func undoNeverReplacesWhatHasTheNameNow() throws {
        let steps = try files.apply(files.pair())
        files.write("b/2.jpg", "new")
        guard case .refused = try files.undo()[0] else {
            Issue.record("it must be left alone")
            return
        }
        let place = try #require(steps[0].place)
        #expect(files.read("b/2.jpg") == "new" && files.read(place) == "dropped")
    }

    @Test func hardLinksAreForEqualBytesAlone() throws {
        #expect(try files.apply(files.pair(), .hardLink)[0].isRefused)
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
        let steps = try files.apply(files.pair(), .deletePermanently)
        #expect(steps[0].place == nil && !steps[0].isRefused && files.read("b/2.jpg") == nil)
        #expect(try files.undo() == [.refused("it was deleted for good")])
    }

    // MARK: What must not be lost

    @Test func aGroupWithoutAKeptFileIsLeftAlone() throws {
        var report = try files.pair()
        report.groups[0].images[0].mark = .drop
        #expect(try files.apply(report).map(\.isRefused) == [true, true])
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
        var report = try files.pair()
        files.write("b/2.jpg", "DROPPED")
        #expect(try files.apply(report)[0].isRefused)
        report = try files.pair()
        files.write("a/1.jpg", "KEPT")
        #expect(try files.apply(report)[0].isRefused)
        report = try files.pair()
        unlink(files.path("a/1.jpg").string)
        #expect(try files.apply(report)[0].isRefused)
        report = try files.pair()
        unlink(files.path("b/2.jpg").string)
        symlink(files.path("a/1.jpg").string, files.path("b/2.jpg").string)
        #expect(try files.apply(report)[0].isRefused)
        #expect(files.read("a/1.jpg") == "kept" && files.read("b/2.jpg") == "kept")
    }

    @Test func filesThatChangePlacesAtTheLastMomentAreLeftAlone() throws {
        let report = try files.pair()
        let steps = try files.apply(report) { _ in
            rename(files.path("b/2.jpg").string, files.path("b/elsewhere.jpg").string)
            files.write("b/2.jpg", "precious")
        }
        #expect(steps[0].isRefused)
        #expect(files.read("b/2.jpg") == "precious" && files.read("b/elsewhere.jpg") == "dropped")
        let other = try files.pair()
        let second = try files.apply(other) { _ in unlink(files.path("a/1.jpg").string) }
        #expect(second[0].isRefused && files.read("b/2.jpg") == "dropped")
    }

    @Test func ruleAtActingTimeReplacesTheMarksButNotTheArchives() throws {
        let steps = try files.apply(files.pair(), keep: KeepRule(.largest))
        #expect(steps.map(\.image.path) == [files.path("a/1.jpg")])
        #expect(files.read("b/2.jpg") == "dropped" && files.read("a/1.jpg") == nil)
        for reason in ["archive", "belongs", "raw", "larger"] {
            var report = try files.pair()
            report.groups[0].images[0].why = reason
            #expect(try files.apply(report, keep: KeepRule(.largest)).map(\.image.path) == [files.path("b/2.jpg")])
        }
    }

    @Test func whatBelongsTogetherStaysTogether() throws {
        let report = try files.pair()
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
        var applied = 0
        for round in 0..<40 {
            let files = try ReportFiles()
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
            // In an order that comes from the seed.
            let groups = Dictionary(grouping: images, by: \.content).values.sorted { $0[0].path < $1[0].path }
            report.groups = groups.map { .init(images: $0, tier: .sameBytes) }
            let actions: [ReportApplication.Action] = [
                .trash, .hardLink, .deletePermanently, .move(to: files.path("a")),
            ]
            let action = actions[round % 4]
            let steps = try files.apply(report, action) { _ in
                // Somebody else is at work on the same files.
                if Bool.random(using: &numbers), let other = images.randomElement(using: &numbers) {
                    rename(other.path.string, other.path.string + ".moved")
                }
            }
            applied += steps.count { !$0.isRefused }
            var left: Set<String> = []
            for name in ["a", "b", "home/Trash/files"] {
                for file in (try? FileManager.default.contentsOfDirectory(atPath: files.path(name).string)) ?? [] {
                    files.read("\(name)/\(file)").map { _ = left.insert($0) }
                }
            }
            #expect(held.isSubset(of: left))
        }
        #expect(applied > 0)
    }
}
