import Foundation
import Testing

/// `watch`: follows a folder until a signal comes.
@Suite struct WatchTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeModel("m.safetensors")
        try space.writePictures("photos", count: 3)
    }

    private func start(_ more: String...) throws -> RunningProgram {
        let run = try tool.start([Tool.path, "watch", "s.hashdb", "photos", "--model", "m.safetensors"] + more)
        try run.wait(until: { run.error.contains("watching photos") })
        return run
    }

    @Test func changesAreFollowedUntilCtrlC() throws {
        let run = try start()
        #expect(run.error.contains("s.hashdb: 3 added, 0 changed"))
        try space.writePicture("photos/new/4.ppm", seed: 4)
        try run.wait(until: { run.error.contains("1 added") })
        #expect(try tool.shell("rm photos/001.ppm").status == 0)
        try run.wait(until: { run.error.contains("1 vanished") })
        // Nobody is kept from the store meanwhile.
        try space.writePicture("inbox/5.ppm", seed: 5)
        #expect(try tool.run("ingest", "s.hashdb", "inbox").status == 0)
        run.signal(SIGINT)
        let result = try run.finish()
        #expect(result.status == 130 && result.output.isEmpty)
        #expect(result.error.contains("stopping"))
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        #expect(try tool.run("dump", "s.hashdb").lines.count == 4)
        let rest = try tool.run("ingest", "s.hashdb", "photos", "--sync")
        #expect(rest.error.contains("0 added, 0 changed, 0 moved, 0 vanished, 3 unchanged"))
    }

    @Test func allCollectionsAreFollowedInOnePass() throws {
        let models = ["--model", "m.safetensors", "--model", "pdq"]
        #expect(try tool.start([Tool.path, "ingest", "s.hashdb", "photos"] + models).finish().status == 0)
        try space.writePicture("photos/4.ppm", seed: 4)
        let run = try tool.start([Tool.path, "watch", "s.hashdb", "photos", "--json"])
        try run.wait(until: { run.error.contains("watching photos") })
        #expect(try tool.shell("rm photos/001.ppm").status == 0)
        try run.wait(until: {
            (try? String(contentsOfFile: run.stem + ".out", encoding: .utf8))?.split(separator: "\n").count == 4
        })
        run.signal(SIGTERM)
        let lines = try run.finish().lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["collection"] as? String } == ["default", "pdq", "default", "pdq"])
        #expect(lines.map { $0["added"] as? Int } == [1, 1, 0, 0])
        #expect(lines.map { $0["vanished"] as? Int } == [0, 0, 1, 1])
        for collection in ["default", "pdq"] {
            #expect(try tool.run("dump", "s.hashdb", "--collection", collection).lines.count == 3)
        }
    }

    @Test func updatesAreLinesOfJSON() throws {
        let run = try start("--json", "--poll", "0.2")
        // No look is to find it half written.
        try space.writePicture("4.ppm", seed: 4)
        #expect(try tool.shell("mv 4.ppm photos/").status == 0)
        try run.wait(until: {
            (try? String(contentsOfFile: run.stem + ".out", encoding: .utf8))?.split(separator: "\n").count == 2
        })
        run.signal(SIGTERM)
        let result = try run.finish()
        #expect(result.status == 0)
        let objects = try result.lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["added"] as? Int } == [3, 1])
        #expect(objects.map { $0["unchanged"] as? Int } == [0, 3])
        #expect(objects.allSatisfy { $0["whole"] as? Bool == true && $0["time"] is String })
    }

    @Test func wrongUseIsAnError() throws {
        #expect(try tool.run("watch", "s.hashdb").status == 64)
        #expect(try tool.run("watch", "s.hashdb", "photos", "--poll", "0").status == 64)
        let missing = try tool.run("watch", "s.hashdb", "none", "--model", "m.safetensors")
        #expect(missing.status == 1 && missing.error.contains("none: no such file or directory"))
        let file = try tool.run("watch", "s.hashdb", "photos/000.ppm", "--model", "m.safetensors")
        #expect(file.status == 1 && file.error.contains("not a directory"))
    }
}
