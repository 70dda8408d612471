import Foundation
import Testing

/// Key frames of videos, where ffmpeg is there to take them.
@Suite(.enabled(if: VideoMaker.isThere, "needs ffmpeg"))
struct VideoTests {
    let space: Workspace

    init() throws {
        space = try Workspace()
        try makeVideo("videos/trip/beach 100%d.mp4", source: "testsrc2", seconds: 7)
        try makeVideo("videos/cells.mkv", source: "life=mold=10:ratio=0.2:seed=3", seconds: 4)
    }

    /// A video of ffmpeg's own, a key frame every two seconds.
    private func makeVideo(_ name: String, source: String, seconds: Int) throws {
        let separator = source.contains("=") ? ":" : "="
        try space.write([], to: name)
        let video = "\(source)\(separator)size=320x240:rate=10"
        let made = try space.tool.start(
            ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", video, "-t", "\(seconds)"]
                + ["-c:v", "mpeg4", "-g", "20", "-sc_threshold", "1000000000", "-q:v", "2", "file:" + space.file(name)]
        ).finish()
        try #require(made.status == 0, "\(made.error)")
    }

    private func frames(_ arguments: String...) throws -> Tool.Result {
        try space.tool.start([Tool.path, "frames"] + arguments).finish()
    }

    /// Files below a folder, hidden ones too.
    private func files(_ folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: space.file(folder))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".jpg") || $0.contains("/.") || $0.hasPrefix(".") }.sorted()
    }

    @Test func framesNameTheVideoAndTheTimeThatAPictureIsFrom() throws {
        let result = try frames("videos", "--into", "frames")
        #expect(result.status == 0 && result.error == "frames: 6 frames of 2 videos, 0 unchanged, 0 unreadable\n")
        let times = ["00-00-00.000", "00-00-02.000", "00-00-04.000", "00-00-06.000"]
        let expected =
            times.map { "videos/trip/beach 100%d.mp4/\($0).jpg" } + times.prefix(2).map { "videos/cells.mkv/\($0).jpg" }
        #expect(files("frames").filter { $0.hasSuffix(".jpg") } == expected.sorted())
        #expect(try space.tool.run("ingest", "f.hashdb", "frames", "--model", "pdq").error.contains("6 added"))
        // A still of the video, taken by other means.
        let still = ["ffmpeg", "-nostdin", "-v", "error", "-ss", "4", "-i", "file:videos/trip/beach 100%d.mp4"]
        #expect(try space.tool.start(still + ["-frames:v", "1", "-update", "1", "still.png"]).finish().status == 0)
        let found = try space.tool.run("query", "f.hashdb", "still.png", "-k", "1", "--json")
        #expect(found.output.contains("trip/beach 100%d.mp4/00-00-04.000.jpg"), "\(found)")
    }

    @Test func onlyWhatHasChangedIsTakenAgain() throws {
        #expect(try frames("videos", "--into", "frames", "--every", "3", "--side", "64").status == 0)
        #expect(files("frames").filter { $0.hasSuffix(".jpg") }.count == 3)
        let again = try frames("videos", "--into", "frames", "--every", "3", "--side", "64")
        #expect(again.error == "frames: 0 frames of 0 videos, 2 unchanged, 0 unreadable\n")
        try makeVideo("videos/cells.mkv", source: "testsrc", seconds: 10)
        let changed = try frames("videos", "--into", "frames", "--every", "3", "--side", "64")
        #expect(changed.error == "frames: 3 frames of 1 video, 1 unchanged, 0 unreadable\n")
        #expect(files("frames").filter { $0.hasPrefix("videos/cells.mkv/0") }.count == 3)
        #expect(!files("frames").contains { $0.contains(".hashdb-") || $0.contains(".log") })
    }

    @Test func brokenVideosAndListsOfOtherFilesAreNamed() throws {
        try space.write(Array("no video".utf8), to: "videos/broken.avi")
        let list = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n\(space.file("videos/cells.mkv"))\n#EXT-X-ENDLIST\n"
        try space.write(Array(list.utf8), to: "videos/list.mp4")
        let whole = try space.bytes(of: "videos/cells.mkv")
        try space.write(Array(whole.prefix(300)), to: "videos/cut.mkv")
        let result = try frames("videos", "--into", "frames")
        #expect(result.status == 0 && result.errorLines.count == 4, "\(result.error)")
        for name in ["broken.avi", "list.mp4", "cut.mkv"] {
            // Once, though ffmpeg too says whose fault it is.
            #expect(result.error.components(separatedBy: "/videos/\(name)").count == 2, "\(result.error)")
            #expect(result.error.contains("/videos/\(name): "))
            #expect(!space.exists("frames/videos/\(name)"))
        }
        #expect(result.error.hasSuffix("frames: 6 frames of 2 videos, 0 unchanged, 3 unreadable\n"))
        #expect(try frames("videos", "--into", "frames", "--strict").status == 1)
    }

    @Test func whatSomebodyElseMadeIsLeftAlone() throws {
        try space.write([1], to: "frames/cells.mkv/mine.jpg")
        let result = try frames("videos/cells.mkv", "--into", "frames")
        #expect(result.status == 1 && result.errorLines.count == 2, "\(result.error)")
        #expect(result.error.contains("frames/cells.mkv: is there"), "\(result.error)")
        #expect(result.error.hasSuffix("frames: 0 frames of 0 videos, 0 unchanged, 0 unreadable, 1 left alone\n"))
        #expect(files("frames") == ["cells.mkv/mine.jpg"])
        // Beside frames too.
        #expect(try frames("videos/cells.mkv", "--into", "mixed").status == 0)
        try space.write([1], to: "mixed/cells.mkv/mine.jpg")
        let mixed = files("mixed")
        let other = try frames("videos/cells.mkv", "--into", "mixed", "--every", "3")
        #expect(other.status == 1 && other.error.contains("mixed/cells.mkv: is there"), "\(other.error)")
        #expect(files("mixed") == mixed)
        // And what is called like a folder that is needed meanwhile, but for its name.
        try space.write([1], to: "frames/.unfinished/mine.txt")
        #expect(try frames("videos/trip", "--into", "frames").status == 0)
        #expect(space.exists("frames/.unfinished/mine.txt"))
    }

    @Test func videosOfOneNameDoNotReplaceOneAnother() throws {
        // In one run.
        try makeVideo("others/videos/cells.mkv", source: "testsrc", seconds: 2)
        let twice = try frames("videos", "others/videos", "--into", "both")
        #expect(twice.status == 1, "\(twice.error)")
        #expect(twice.error.contains("another video has the frames videos/cells.mkv"), "\(twice.error)")
        #expect(files("both").filter { $0.hasPrefix("videos/cells.mkv/0") }.count > 0)
        // One after the other.
        #expect(try frames("videos", "--into", "apart").status == 0)
        let before = files("apart")
        let second = try frames("others/videos", "--into", "apart")
        #expect(second.status == 1 && second.error.contains("has the frames of "), "\(second.error)")
        #expect(second.error.hasSuffix("apart: 0 frames of 0 videos, 0 unchanged, 0 unreadable, 1 left alone\n"))
        #expect(files("apart") == before)
        // The first is gone, and its frames with it.
        try FileManager.default.removeItem(atPath: space.file("videos/cells.mkv"))
        let third = try frames("others/videos", "--into", "apart")
        #expect(third.error == "apart: 1 frame of 1 video, 0 unchanged, 0 unreadable\n" && third.status == 0)
        #expect(files("apart").filter { $0.hasPrefix("videos/cells.mkv/0") }.count == 1)
    }

    @Test func whatIsNoFaultOfAVideoIsAnError() throws {
        // A file is where a folder is needed.
        try space.write([1], to: "frames/videos")
        let unwritable = try frames("videos", "--into", "frames")
        #expect(unwritable.status == 1 && unwritable.errorLines.count == 1, "\(unwritable.error)")
        #expect(unwritable.error.hasPrefix("hashdb: error: "), "\(unwritable.error)")
        // A program that is none.
        try space.write(Array("#!/none\n".utf8), to: "bin/ffmpeg")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: space.file("bin/ffmpeg"))
        let path = ["PATH": space.file("bin")]
        let unable = try space.tool.run("frames", "videos", "--into", "new", environment: path)
        #expect(unable.status == 1 && unable.errorLines.count == 1, "\(unable.error)")
        #expect(unable.error.contains("bin/ffmpeg: cannot be run"), "\(unable.error)")
    }

    @Test func itNeedsTheProgramAndAFolder() throws {
        let without = try space.tool.run("frames", "videos", "--into", "frames", environment: ["PATH": "/none"])
        #expect(without.status == 1 && without.errorLines.count == 1 && without.error.contains("install it"))
        for (arguments, status) in [
            (["none", "--into", "frames"], Int32(1)), (["videos"], 64),
            (["videos", "--into", "frames", "--side", "1"], 64),
            (["videos", "--into", "frames", "--every", "-1"], 64), (["videos", "--into", "videos/cells.mkv"], 1),
        ] {
            let result = try space.tool.start([Tool.path, "frames"] + arguments).finish()
            #expect(result.status == status && result.errorLines.count == 1, "\(result.error)")
        }
        #expect(!space.exists("frames"))
    }
}

/// The program that makes videos, and takes them apart.
enum VideoMaker {
    static let isThere = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: $0 + "/ffmpeg") }
}
