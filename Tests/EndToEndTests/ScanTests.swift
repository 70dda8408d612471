import Foundation
import Testing

/// Which files `ingest` takes, and what a killed run leaves.
@Suite struct ScanTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeModel("m.safetensors")
        try space.writePictures("photos", count: 6)
    }

    private func paths() throws -> [String] {
        try tool.run("dump", "s.hashdb").lines.flatMap { line in
            line.split(separator: "\t").dropFirst(2).map { String($0.dropFirst(space.resolvedPath.count + 1)) }
        }
    }

    @Test func movedCopiedChangedAndVanishedFilesAreCountedApart() throws {
        // A folder that is named twice counts once.
        let first = try tool.run("ingest", "s.hashdb", "photos", "./photos/", "--model", "m.safetensors")
        #expect(first.status == 0 && first.error.contains("6 added, 0 changed, 0 unchanged"))
        let moves = """
            mkdir photos/new && mv photos/000.ppm photos/new/ && mv photos/001.ppm photos/renamed.ppm \
            && cp photos/002.ppm photos/copy.ppm && ln photos/002.ppm photos/link.ppm && rm photos/003.ppm
            """
        #expect(try tool.shell(moves).status == 0)
        try space.writePicture("photos/004.ppm", seed: 99)
        try space.writePicture("photos/added.ppm", seed: 98)
        let result = try tool.run("ingest", "s.hashdb", "photos", "--sync")
        let expected =
            "1 added, 1 changed, 2 moved, 1 copied, 1 linked, 1 vanished, 2 unchanged, 0 unreadable"
        #expect(result.status == 0 && result.errorLines.last?.contains(expected) == true)
        #expect(try tool.run("dump", "s.hashdb").lines.count == 6)
        #expect(try paths().count == 8)
        #expect(try tool.shell("mv photos disk").status == 0)
        let moved = try tool.run("ingest", "s.hashdb", "disk", "--sync")
        #expect(moved.errorLines.last?.contains("0 vanished, 8 unchanged") == true)
        #expect(try paths().allSatisfy { $0.hasPrefix("disk/") })
        let wrong = try tool.run("ingest", "s.hashdb", "disk", "--moved-from", "nowhere")
        #expect(wrong.status == 1 && wrong.error.contains("nowhere") && wrong.error.contains("/disk"))
    }

    @Test func patternsAndListsSayWhatIsTaken() throws {
        try space.writePicture("photos/.hidden/7.ppm", seed: 7)
        try space.writePicture("photos/sub/8.ppm", seed: 8)
        let result = try tool.run(
            "ingest", "s.hashdb", "photos", "--model", "m.safetensors", "--exclude", "sub/", "--exclude", "00[0-3]*")
        #expect(result.status == 0 && result.errorLines.last?.contains("2 added") == true)
        #expect(result.errorLines.last?.contains("passed over: 1 hidden, 5 excluded") == true)
        let included = try tool.run("ingest", "s.hashdb", "photos", "--include", "sub/*", "--hidden")
        #expect(included.errorLines.last?.contains("1 added") == true)
        let listed = try tool.shell(
            "printf 'photos/000.ppm\\0photos/\\351.ppm\\0photos/.hidden\\0' | hashdb ingest s.hashdb --files-from - -0")
        #expect(listed.status == 0 && listed.errorLines.last?.contains("2 added") == true)
        #expect(listed.error.contains("photos/\\xE9.ppm: no such file"))
        #expect(try tool.run("ingest", "s.hashdb", "photos", "-0").status == 64)
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--include", "[a").status == 64)
        #expect(try tool.run("ingest", "s.hashdb", "--files-from", "none").status == 1)
    }

    @Test func linksToWhatLiesOutsideAreFollowedOnRequest() throws {
        try space.writePicture("outside/7.ppm", seed: 7)
        #expect(try tool.shell("ln -s ../outside photos/link").status == 0)
        let without = try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors")
        #expect(without.errorLines.last?.contains("6 added") == true, "\(without)")
        #expect(without.errorLines.last?.contains("passed over: 1 symbolic link") == true, "\(without)")
        let with = try tool.run("ingest", "s.hashdb", "photos", "--follow-links")
        #expect(with.errorLines.last?.contains("1 added, 0 changed, 6 unchanged") == true, "\(with)")
        #expect(try paths().count == 7 && paths().contains("photos/link/7.ppm"))
    }

    @Test func trashIsPassedOverEvenWhereHiddenFoldersAreTaken() throws {
        for (index, name) in [".hidden/7", ".Trash-0/files/8", "Trash/files/9"].enumerated() {
            try space.writePicture("photos/\(name).ppm", seed: UInt64(7 + index))
        }
        try space.write([], to: "photos/Trash/info/9.ppm.trashinfo")
        let result = try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors", "--hidden")
        #expect(result.errorLines.last?.contains("7 added") == true, "\(result)")
        #expect(result.errorLines.last?.contains("passed over: 2 in the trash") == true, "\(result)")
    }

    @Test func aKilledRunLosesSeconds() throws {
        try space.writeModel("large.safetensors", bits: 1024, side: 32)
        for index in 0..<1500 {
            try space.writePicture("many/\(index).ppm", seed: UInt64(index), width: 12, height: 10)
        }
        let arguments = [Tool.path, "ingest", "s.hashdb", "many", "--model", "large.safetensors"]
        let run = try tool.start(arguments)
        try run.wait(until: { space.exists("s.hashdb") && (try? paths().isEmpty) == false })
        run.signal(SIGKILL)
        // On a fast machine it may have come to its end just before.
        #expect([0, 128 + SIGKILL].contains(try run.finish().status))
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        let kept = try paths().count
        let rest = try tool.start(arguments + ["--sync"]).finish()
        #expect(rest.error.contains("\(1500 - kept) added, 0 changed, 0 moved, 0 vanished, \(kept) unchanged"))
        #expect(try paths().count == 1500)
    }
}
