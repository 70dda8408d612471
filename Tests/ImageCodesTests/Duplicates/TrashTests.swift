import Foundation
import Testing

import ImageCodes

/// Which trash it is, and what files are called in it.
@Suite struct TrashTests {
    @Test func theEnvironmentSaysWhereTheTrashIs() {
        func home(_ environment: [String: String]) -> ImagePath { Trash(environment: environment).home }
        #expect(home(["HOME": "/h"]) == ImagePath("/h/.local/share/Trash"))
        #expect(home(["HOME": "/h", "XDG_DATA_HOME": "/d"]) == ImagePath("/d/Trash"))
        for notAbsolute in ["", "d", "./d", "~/d"] {
            #expect(home(["HOME": "/h", "XDG_DATA_HOME": notAbsolute]) == ImagePath("/h/.local/share/Trash"))
            #expect(home(["HOME": notAbsolute]) == home([:]))
        }
        #expect(home([:]).bytes.first == ImagePath("/").bytes[0])
    }

    @Test(arguments: ["x", "é", "鳥"]) func longNamesAreCutInTheTrashAndNotInTheNote(letter: String) throws {
        let files = try ReportFiles()
        // As long as a name may be.
        let name = String(repeating: letter, count: (255 - 4) / letter.utf8.count) + ".jpg"
        files.write("a/1.jpg", "kept")
        files.write("b/" + name, "dropped")
        let report = files.report(try files.image("a/1.jpg", .keep), try files.image("b/" + name, .drop))
        let place = try #require(try files.apply(report)[0].place)
        let short = String(decoding: place.name, as: UTF8.self)
        #expect(short == String(repeating: letter, count: (245 - 4) / letter.utf8.count) + ".jpg")
        let note = try #require(files.read("home/Trash/info/\(short).trashinfo"))
        let encoded = try #require(note.split(separator: "\n").first { $0.hasPrefix("Path=") })
        #expect(encoded.dropFirst(5).removingPercentEncoding == files.path("b/" + name).string)
        _ = try files.undo()
        #expect(files.read("b/" + name) == "dropped")
        // A second one of the same name there.
        for _ in 0..<2 {
            files.write("b/" + name, "dropped")
            let again = files.report(report.groups[0].images[0], try files.image("b/" + name, .drop))
            #expect(try files.apply(again)[0].place != nil)
        }
    }
}
