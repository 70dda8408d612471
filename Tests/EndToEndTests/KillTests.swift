import Foundation
import TestSupport
import Testing

/// SIGKILL: nothing is tidied up, and yet the model that comes out in the end is the one that an undisturbed training makes.
@Suite struct KillTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        for (index, name) in ["cat", "dog"].enumerated() {
            try space.writePictures("data/\(name)", count: 12, seed: UInt64(index + 1))
        }
    }

    private var checkpointDate: Date? {
        try? FileManager.default.attributesOfItem(atPath: space.file("m.checkpoint"))[.modificationDate] as? Date
    }

    /// Two threads share a batch of 16. The two-stage recipe has running averages to keep, of weights and of normalisations.
    @Test(arguments: [("cnnh+", 1), ("cnnh+", 2), ("two-stage", 1), ("two-stage", 2)])
    func aKilledTrainingEndsWithTheSameBytes(recipe: String, threads: Int) throws {
        let epochs = recipe == "cnnh+" ? 24 : 12
        func command(_ out: String, _ more: String...) -> [String] {
            [
                Tool.path, "train", "--recipe", recipe, "--data", "data", "--out", out, "--side", "16", "--bits", "8",
                "--batch", "16", "--epochs", "\(epochs)", "--labelled", "8", "--queries", "2", "--threads",
                "\(threads)",
                "--checkpoint-interval", "0.02",
            ] + more
        }
        let whole = try tool.start(command("whole")).finish()
        #expect(whole.status == 0, "\(whole.error)")

        var generator = SplitMix64(seed: UInt64(threads))
        var kills = 0
        while kills < 3 {
            let older = checkpointDate
            let run = try tool.start(kills == 0 ? command("m") : command("m", "--resume"))
            // It fails where the training ends meanwhile.
            try? run.wait(until: { checkpointDate != older })
            // At any point of a step, or while the next checkpoint is being written.
            usleep(UInt32.random(in: 0..<30_000, using: &generator))
            run.signal(SIGKILL)
            let result = try run.finish()
            // A fast machine comes to the end first.
            if result.status == 0 { break }
            #expect(result.status == 128 + SIGKILL, "\(result.error)")
            kills += 1
            #expect(space.exists("m.checkpoint") || space.exists("m"))
            if space.exists("m") { break }
        }
        #expect(kills > 0)
        if !space.exists("m") {
            let resumed = try tool.start(command("m", "--resume")).finish()
            #expect(resumed.status == 0 && !resumed.error.contains("epoch 1 of"), "\(resumed.error)")
            #expect(!space.exists("m.checkpoint"))
        }
        #expect(try space.bytes(of: "m") == space.bytes(of: "whole"))
    }
}
