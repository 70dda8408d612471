import Foundation
import ImageCodes
import Testing

/// Filters, links and file systems in a walk.
@Suite struct ScanningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func walk(
        _ roots: [String] = ["t"], _ configure: (inout DirectoryWalker.Options) -> Void
    ) throws -> (files: [String], skipped: [SkipReason: Int]) {
        var options = DirectoryWalker.Options()
        configure(&options)
        var walker = try DirectoryWalker(roots: roots.map { directory[$0] }, options: options)
        var files: [String] = []
        while let event = walker.next() {
            guard case .file(let file) = event else { continue }
            files.append(String(file.path.description.dropFirst(directory.path.bytes.count + 1)))
        }
        return (files, walker.skipped)
    }

    private func touch(_ names: String...) throws {
        for name in names { try directory.write([1], to: name) }
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: directory[name].string, withDestinationPath: target)
    }

    @Test(
        arguments: [
            ([], ["*.png"], ["t/a/2.jpg", "t/b/d/4.jpg"]),
            (["*.png"], [], ["t/1.png", "t/b/3.png"]),
            ([], ["b"], ["t/1.png", "t/a/2.jpg"]),
            ([], ["b/"], ["t/1.png", "t/a/2.jpg"]),
            ([], ["b/*.png"], ["t/1.png", "t/a/2.jpg", "t/b/d/4.jpg"]),
            (["b/*"], ["[3]*"], ["t/b/d/4.jpg"]),
            (["?.png"], ["/b"], ["t/1.png"]),
            ([], ["1.png/"], ["t/1.png", "t/a/2.jpg", "t/b/3.png", "t/b/d/4.jpg"]),
        ] as [([String], [String], [String])])
    func patternsTakeAndPassOver(include: [String], exclude: [String], expected: [String]) throws {
        try touch("t/1.png", "t/a/2.jpg", "t/b/3.png", "t/b/d/4.jpg")
        let result = try walk {
            $0.filter = PathFilter(including: include.map { ImagePath($0) }, excluding: exclude.map { ImagePath($0) })
        }
        #expect(result.files == expected)
        #expect((result.skipped[.excluded] ?? 0 > 0) == (expected.count < 4))
    }

    @Test func linksLeadOnceToWhatIsOutside() throws {
        try touch("t/a/1.jpg", "out/2.jpg", "out/in/3.jpg", "single/4.jpg")
        try link("t/up", to: "..")
        try link("t/out", to: "../out")
        try link("t/same", to: "../out")
        try link("t/inside", to: "a")
        try link("out/back", to: "../t")
        try link("out/itself", to: ".")
        try link("t/file.jpg", to: "../single/4.jpg")
        try link("t/broken.jpg", to: "nothing")
        #expect(try walk { _ in }.files == ["t/a/1.jpg"])
        let result = try walk { $0.followsLinks = true }
        #expect(result.files == ["t/a/1.jpg", "t/file.jpg", "t/out/2.jpg", "t/out/in/3.jpg", "t/up/single/4.jpg"])
        // `inside`, `back` and `broken.jpg` lead to roots or nowhere; `itself` and `up/t` are loops; `same` and `up/out` were met.
        #expect(result.skipped[.symbolicLink] == 3 && result.skipped[.loop] == 2)
    }

    /// Whether /dev/shm is there, on another file system than the directories of tests.
    private static let hasOtherFileSystem: Bool = {
        func number(_ path: String) -> Int? {
            (try? FileManager.default.attributesOfItem(atPath: path))?[.systemNumber] as? Int
        }
        let there = number("/dev/shm")
        return there != nil && there != number(FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path)
    }()

    @Test(.enabled(if: hasOtherFileSystem, "needs a file system of its own at /dev/shm"))
    func anotherFileSystemIsLeftOut() throws {
        try touch("t/1.jpg")
        try link("t/shm", to: "/dev/shm")
        let result = try walk {
            $0.followsLinks = true; $0.staysOnFileSystem = true
        }
        #expect(result.files == ["t/1.jpg"] && result.skipped[.otherFileSystem] == 1)
    }
}
