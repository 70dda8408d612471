import Foundation
import Testing

import ImageCodes

/// What others do to the files between the last look and the act.
@Suite struct ReportApplicationRaceTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    private func apply(
        _ report: DuplicateReport, _ action: ReportApplication.Action, atLastMoment: @escaping (ImagePath) -> Void
    ) throws -> [ReportApplication.Step] {
        var application = ReportApplication(action)
        application.isDryRun = false
        application.trash = Trash(home: files.path("home/Trash"))
        application.atLastMoment = atLastMoment
        var steps: [ReportApplication.Step] = []
        try application.run(report, log: try UndoLog(appendingTo: files.path("log"), store: files.path("store"))) {
            steps.append($0)
            return true
        }
        return steps
    }

    private func equalPair() throws -> DuplicateReport {
        files.write("a/1.jpg", "same")
        files.write("b/2.jpg", "same")
        return files.report(try files.image("a/1.jpg", .keep), try files.image("b/2.jpg", .drop))
    }

    /// The names in a directory.
    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: files.path(directory).string).sorted()
    }

    private static let actions = [
        ReportApplication.Action.trash, .move(to: ImagePath("else")), .hardLink, .deletePermanently,
    ]

    private func action(_ action: ReportApplication.Action) -> ReportApplication.Action {
        guard case .move = action else { return action }
        mkdir(files.path("else").string, 0o700)
        return .move(to: files.path("else"))
    }

    @Test(arguments: actions) func aFileThatTakesTheNameStays(action: ReportApplication.Action) throws {
        let steps = try apply(equalPair(), self.action(action)) { path in
            // As editors save.
            files.write("b/new", "edited")
            rename(files.path("b/new").string, path.string)
        }
        #expect(steps[0].isRefused && files.read("b/2.jpg") == "edited" && files.read("a/1.jpg") == "same")
        #expect(try names("b") == ["2.jpg"])
        // Nobody is offered what is not there.
        #expect((try? names("home/Trash/info")) ?? [] == [])
        #expect(try files.undo() == [.nothingToDo] && files.read("b/2.jpg") == "edited")
    }

    @Test(arguments: actions) func aFileThatIsWrittenToStays(action: ReportApplication.Action) throws {
        let steps = try apply(equalPair(), self.action(action)) { path in
            #expect(throws: Never.self) {
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path.string))
                try handle.write(contentsOf: Data("EDIT".utf8))
                try handle.close()
            }
        }
        #expect(steps[0].isRefused && files.read("b/2.jpg") == "EDIT")
    }

    @Test func nothingIsDeletedForAKeptFileThatGoes() throws {
        let steps = try apply(equalPair(), .deletePermanently) { _ in unlink(files.path("a/1.jpg").string) }
        #expect(steps[0].isRefused && files.read("b/2.jpg") == "same")
    }

    @Test(arguments: [ReportApplication.Action.trash, .move(to: ImagePath("else"))])
    func whatTakesThePlaceThatWasChosenIsNotReplaced(action: ReportApplication.Action) throws {
        let report = try equalPair()
        files.write("b/2.xmp", "notes")
        let places = ["home/Trash/files", "else"].map { files.path($0) }
        let steps = try apply(report, self.action(action)) { path in
            guard path.name.elementsEqual("2.xmp".utf8) else { return }
            for place in places {
                let other = place.appending("2.xmp".utf8)
                _ = FileManager.default.createFile(atPath: other.string, contents: Data("other".utf8))
            }
        }
        let place = try #require(steps[0].place)
        #expect(files.read(place) == "same" && steps[0].leftBehind.map(\.path) == [files.path("b/2.xmp")])
        #expect(files.read("b/2.xmp") == "notes")
        #expect(files.read(ImagePath(bytes: place.bytes.dropLast(3) + Array("xmp".utf8))) == "other")
    }

    @Test(arguments: [ReportApplication.Action.hardLink, .deletePermanently])
    func aFileThatWasPutAsideWhenTheMachineStoppedComesBack(action: ReportApplication.Action) throws {
        // Somebody stands in for the machine: as it is put aside, the log names the hidden file.
        var log = ""
        _ = try apply(equalPair(), action) { _ in log = files.read("log") ?? "" }
        let hidden = try #require(log.split(separator: "\"").first { $0.hasSuffix(".hashdb") && $0.contains("/.") })
        unlink(files.path("b/2.jpg").string)
        try Data("same".utf8).write(to: URL(fileURLWithPath: String(hidden)))
        let content = ImageContent(hash: ContentHash(of: Array("same".utf8)), size: 4)
        #expect(try files.undo() == [.restored(content)])
        #expect(files.read("b/2.jpg") == "same")
        #expect(try names("b") == ["2.jpg"])
    }
}
