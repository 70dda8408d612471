import Foundation
import Testing

import ImageCodes

/// What files are called where they go.
@Suite struct ReportApplicationNameTests {
    private let files: ReportFiles

    init() throws { files = try ReportFiles() }

    @Test(arguments: ["IMG_1.jpg", "IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_1.CR2"])
    func aFileAndWhatBelongsToItGetOneNumber(taken: String) throws {
        mkdir(files.path("else").string, 0o700)
        files.write("else/" + taken, "in the way")
        files.write("a/1.jpg", "kept")
        files.write("a/1.CR2", "raw")
        let names = ["IMG_1.jpg", "IMG_1.CR2", "IMG_1.jpg.xmp", "IMG_1.xmp"]
        for name in names { files.write("b/" + name, name == "IMG_1.CR2" ? "raw" : name) }
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("b/IMG_1.jpg", .drop))
        let steps = try files.apply(report, .move(to: files.path("else")))
        #expect(steps[0].place == files.path("else/IMG_1.2.jpg") && steps[0].companions.count == 3)
        let found = try FileManager.default.contentsOfDirectory(atPath: files.path("else").string)
        #expect(
            found.sorted() == ["IMG_1.2.CR2", "IMG_1.2.jpg", "IMG_1.2.jpg.xmp", "IMG_1.2.xmp", taken].sorted())
        #expect(files.read("else/" + taken) == "in the way")
        #expect(try files.undo().count == 4)
        #expect(names.allSatisfy { files.read("b/" + $0) == ($0 == "IMG_1.CR2" ? "raw" : $0) })
    }

    @Test func aNameWithoutAnEndingGetsItsNumberAtTheEnd() throws {
        files.write("a/picture", "in the way")
        files.write("a/1.jpg", "kept")
        files.write("b/picture", "dropped")
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("b/picture", .drop))
        #expect(try files.apply(report, .move(to: files.path("a")))[0].place == files.path("a/picture.2"))
    }

    @Test func longNamesAreCutForTheirNumber() throws {
        let stem = String(repeating: "é", count: 125)
        for name in ["\(stem).jpg", "\(stem).xmp"] { files.write("a/" + name, "in the way") }
        files.write("a/1.jpg", "kept")
        files.write("b/\(stem).jpg", "dropped")
        files.write("b/\(stem).xmp", "notes")
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("b/\(stem).jpg", .drop))
        let steps = try files.apply(report, .move(to: files.path("a")))
        #expect(steps[0].place == files.path("a/\(stem.dropLast()).2.jpg"))
        #expect(files.read("a/\(stem.dropLast()).2.xmp") == "notes")
        _ = try files.undo()
        #expect(files.read("b/\(stem).jpg") == "dropped" && files.read("b/\(stem).xmp") == "notes")
    }
}
