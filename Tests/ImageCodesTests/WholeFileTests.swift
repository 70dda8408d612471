import Foundation
import ImageCodes
import Testing

@Suite struct WholeFileTests {
    private let directory: TemporaryDirectory
    private let kind = WholeFile.Kind(beginning: "ab", offset: 1)

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func write(_ text: String, to name: String) throws {
        try WholeFile.write(to: directory[name].string, kind) { $0.append(text) }
    }

    private func text(of name: String) throws -> String {
        try String(contentsOfFile: directory[name].string, encoding: .utf8)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path.string).sorted() }
    }

    @Test func whatIsEmptyOrOfTheKindIsReplacedAndNothingElse() throws {
        try directory.write([], to: "empty")
        try directory.write(Array("1ab".utf8), to: "kind")
        for name in ["new", "empty", "kind"] {
            try write("2abc", to: name)
            #expect(try text(of: name) == "2abc")
        }
        try directory.write(Array("abab".utf8), to: "other")
        try directory.makeDirectory("directory")
        for name in ["other", "directory"] {
            let error = #expect(throws: ImageCodesError.self) { try write("2ab", to: name) }
            #expect(error?.description.contains("something else is there; choose another name") == true)
        }
        #expect(try text(of: "other") == "abab")
        #expect(try names == ["directory", "empty", "kind", "new", "other"])
    }

    @Test func aLinkStaysAndLeadsToTheNewFile() throws {
        try directory.write(Array("1ab".utf8), to: "far/file")
        try check(symlink("far/file", directory["link"].string), "symlink")
        try write("2ab", to: "link")
        #expect(try text(of: "far/file") == "2ab")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory["link"].string) == "far/file")
        try directory.write(Array("other".utf8), to: "far/file")
        #expect(throws: ImageCodesError.self) { try write("2ab", to: "link") }
        try directory.remove("far/file")
        let error = #expect(throws: ImageCodesError.self) { try write("2ab", to: "link") }
        #expect(error?.description.contains("a symbolic link that leads nowhere; choose another name") == true)
        #expect(try names == ["far", "link"])
    }

    @Test func permissionsAreThoseOfTheFileBefore() throws {
        directory.chmod(try directory.write([], to: "file"), 0o640)
        try write("1ab", to: "file")
        let mode = try FileManager.default.attributesOfItem(atPath: directory["file"].string)[.posixPermissions] as? Int
        #expect(mode == 0o640)
    }

    @Test func anErrorLeavesWhatWasThere() throws {
        struct Stop: Error {}
        try directory.write(Array("1ab".utf8), to: "file")
        #expect(throws: Stop.self) {
            try WholeFile.write(to: directory["file"].string, kind) { file in
                file.append("2ab")
                throw Stop()
            }
        }
        #expect(try text(of: "file") == "1ab")
        #expect(try names == ["file"])
    }

    @Test func aLinkThatWaitsWhereTheFileIsMadeIsNotFollowed() throws {
        try directory.write(Array("precious".utf8), to: "victim")
        try check(symlink("victim", directory["file.\(getpid()).part"].string), "symlink")
        try write("1ab", to: "file")
        #expect(try text(of: "victim") == "precious" && text(of: "file") == "1ab")
        #expect(try names.count == 3)
    }
}
