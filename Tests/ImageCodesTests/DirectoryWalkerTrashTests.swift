import Foundation
import ImageCodes
import Testing

/// Folders where systems keep what was deleted.
@Suite struct DirectoryWalkerTrashTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func walk(
        _ name: String = "", includesHidden: Bool = true
    ) throws -> (files: [String], skipped: [SkipReason: Int]) {
        var options = DirectoryWalker.Options()
        options.includesHidden = includesHidden
        var walker = try DirectoryWalker(roots: [directory[name]], options: options)
        var files: [String] = []
        while let event = walker.next() {
            if case .file(let file) = event { files.append(String(decoding: file.path.name, as: UTF8.self)) }
        }
        return (files, walker.skipped)
    }

    @Test(arguments: [
        ".Trash", ".trash", ".Trashes", ".Trash-1000", ".TRASH-0", "Trash", "TRASH", ".local/share/Trash",
    ])
    func trashIsNotEnteredEvenWhereHiddenFoldersAre(name: String) throws {
        try directory.write([1], to: "1.jpg")
        try directory.write([1], to: ".hidden/2.jpg")
        try directory.write([1], to: name + "/files/3.jpg")
        try directory.write([1], to: name + "/info/3.jpg.trashinfo")
        let (files, skipped) = try walk()
        #expect(files == ["2.jpg", "1.jpg"] && skipped == [.trash: 1])
        // Whoever names it means it.
        #expect(try walk(name).files == ["3.jpg"])
        let usual = try walk(includesHidden: false)
        #expect(usual.files == ["1.jpg"])
        #expect(usual.skipped == (name.hasPrefix(".") ? [.hidden: 2] : [.hidden: 1, .trash: 1]))
    }

    @Test func aFolderThatIsOnlyCalledTrashIsOneOfPictures() throws {
        try directory.write([1], to: "Trash/files/1.jpg")
        try directory.write([1], to: "Trash/info")
        try directory.write([1], to: "trashes/2.jpg")
        try directory.write([1], to: ".trash.jpg")
        #expect(try walk().files == [".trash.jpg", "1.jpg", "2.jpg"])
    }

    @Test func aFolderMayBecomeATrashWhileItIsWatched() throws {
        let bench = try IngestBench()
        try bench.write(seed: 0, to: "Trash/files/0.png")
        let watch = try RunningWatch(bench)
        try watch.waitUntilCurrent(bench)
        let count = watch.updates.count
        try bench.directory.makeDirectory("photos/Trash/info")
        try watch.wait("a look at the folder") { watch.updates.count > count }
        try bench.write(seed: 1, to: "Trash/files/1.png")
        try bench.write(seed: 2, to: "2.png")
        try watch.wait("the later one") { try bench.items()["photos/2.png"] != nil }
        // What is found together may come into the store one after the other, but before what comes to be after it.
        try bench.write(seed: 3, to: "3.png")
        try watch.wait("the last one") { try bench.items()["photos/3.png"] != nil }
        try watch.stop()
        #expect(try bench.items()["photos/Trash/files/1.png"] == nil)
    }
}
