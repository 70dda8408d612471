import Foundation
import Testing

@Suite struct EvaluateTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    /// Folders of pictures, one a class.
    private func writeClasses(_ count: Int, in folder: String = "data", pictures: Int = 8, seed: UInt64 = 0) throws {
        for number in 0..<count {
            try space.writePictures("\(folder)/class \(number)", count: pictures, seed: seed + UInt64(number) + 1)
        }
    }

    private func train(_ recipe: String, _ more: String...) throws {
        let settings = ["--bits", "8", "--side", "16", "--epochs", "1", "--batch", "4", "--threads", "1"]
        let result = try tool.start(
            [Tool.path, "train", "--recipe", recipe, "--data", "data", "--out", "m"] + settings + more
        ).finish()
        #expect(result.status == 0, "\(result.error)")
    }

    private func evaluate(_ more: String...) throws -> (report: [String: Any], error: String) {
        let result = try tool.start([Tool.path, "evaluate", "m", "--data", "data", "--json"] + more).finish()
        #expect(result.status == 0, "\(result.error)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return (try #require(object as? [String: Any]), result.error)
    }

    @Test func theSplitOfTheTrainingIsMeasuredWithItsClassifierAndOtherCodesBeside() throws {
        try writeClasses(3)
        try train("cnnh+")
        let (report, error) = try evaluate(
            "--beside", "lsh", "--beside", "m", "--at", "1,5", "--top", "6", "--curve", "c.csv", "--plot", "p.svg")
        #expect(!error.contains("warning"))
        #expect(report["protocol"] as? String == "p1" && report["queries"] as? Int == 3)
        #expect(report["database"] as? Int == 21 && report["labelled"] as? Int == 21 && report["classes"] as? Int == 3)
        #expect((report["precision_at"] as? [String: Double]).map { Set($0.keys) } == ["1", "5"])
        #expect((report["top"] as? [String: Any])?["length"] as? Int == 6)
        #expect((report["label_accuracy"] as? Double).map { (0...1).contains($0) } == true)
        let beside = try #require(report["beside"] as? [[String: Any]])
        #expect(beside.map { $0["codes"] as? String } == ["one-hot", "lsh", "m"])
        #expect(beside.map { $0["bits"] as? Int } == [3, 8, 8])
        #expect(beside[2]["map"] as? Double == report["map"] as? Double)
        // Any two one-hot codes are within a radius of 2.
        #expect(beside[0]["precision_radius_2"] is NSNull && beside[1]["precision_radius_2"] is Double)
        #expect(String(decoding: try space.bytes(of: "c.csv"), as: UTF8.self).contains("one-hot,radius,2,"))
        #expect(String(decoding: try space.bytes(of: "p.svg"), as: UTF8.self).hasPrefix("<?xml"))
        let text = try tool.run("evaluate", "m", "--data", "data")
        #expect(text.lines.contains { $0.hasPrefix("split       seed 1, fingerprint \(report["split"] ?? "")") })
        #expect(text.lines.contains { $0.hasPrefix("MAP, ties by id") })
        #expect(report["arithmetic"] as? String == "single")
        let brief = try evaluate("--arithmetic", "bfloat16").report
        // What was computed in: not all processors are quicker at bfloat16.
        #expect(["single", "bfloat16"].contains(brief["arithmetic"] as? String))
        #expect((brief["map"] as? Double).map { (0...1).contains($0) } == true)
        let other = try evaluate("--seed", "2", "--protocol", "p1b", "--labelled", "3")
        #expect(other.error.contains("warning: not the split") && other.report["database"] as? Int == 12)
    }

    @Test func theTestPartIsSearchedInTheTrainingPart() throws {
        try writeClasses(3, in: "data/train")
        try writeClasses(3, in: "data/test", pictures: 2, seed: 50)
        try train("cnnh", "--test-part")
        let (report, error) = try evaluate()
        #expect(report["protocol"] as? String == "p2" && !error.contains("warning"))
        #expect(report["queries"] as? Int == 6 && report["database"] as? Int == 24 && report["labelled"] as? Int == 24)
        #expect((report["beside"] as? [Any])?.isEmpty == true && report["label_accuracy"] is NSNull)
    }

    @Test func classesThatWereHeldOutAreUnseen() throws {
        try writeClasses(5)
        try train("cnnh+", "--hold-out", "2")
        let unseen = try evaluate("--protocol", "unseen", "--queries", "3").report
        #expect(unseen["classes"] as? Int == 2 && unseen["queries"] as? Int == 6 && unseen["database"] as? Int == 10)
        #expect(unseen["label_accuracy"] is NSNull)
        let (seen, error) = try evaluate()
        #expect(seen["classes"] as? Int == 3 && !error.contains("warning"))
    }

    @Test func aSmallClassIsNamedAndItsSplitIsTakenAgain() throws {
        try writeClasses(3)
        try space.writePictures("data/small", count: 2, seed: 90)
        let trained = try tool.run(
            "train", "--recipe", "cnnh", "--data", "data", "--out", "m", "--bits", "8", "--side", "16", "--epochs", "1",
            "--batch", "4", "--threads", "1")
        #expect(trained.status == 0 && trained.error.contains("too few images to keep any apart: small;"))
        let (report, error) = try evaluate()
        #expect(report["queries"] as? Int == 3 && report["labelled"] as? Int == 23 && !error.contains("warning"))
    }

    @Test func whatWasLearnedMayBeUnknown() throws {
        try writeClasses(2)
        try train("lsh")
        let (report, error) = try evaluate("--protocol", "unseen", "--queries", "3")
        #expect(report["classes"] as? Int == 2 && error.contains("warning: the weight file does not say"))
    }

    @Test func severalLabelsComeFromATable() throws {
        try writeClasses(2, in: "data/train")
        try writeClasses(2, in: "data/test", pictures: 3, seed: 50)
        var lines: [String] = []
        for (part, pictures) in [("train", 8), ("test", 3)] {
            for label in 0..<2 {
                for number in 0..<pictures {
                    let more = number.isMultiple(of: 2) ? ",even" : ""
                    lines.append("\(part)/class \(label)/00\(number).ppm\t\(label)\(more)")
                }
            }
        }
        try space.write(Array(lines.joined(separator: "\n").utf8), to: "labels.tsv")
        try train("cnnh+", "--labels", "labels.tsv", "--test-part")
        let (report, error) = try evaluate("--labels", "labels.tsv", "--beside", "ksh", "--beside", "lsh")
        #expect(report["protocol"] as? String == "p2" && !error.contains("warning"))
        #expect(report["queries"] as? Int == 6 && report["database"] as? Int == 16 && report["classes"] as? Int == 3)
        let beside = try #require(report["beside"] as? [[String: Any]])
        #expect(beside.map { $0["codes"] as? String } == ["labels", "ksh", "lsh"])
        #expect(report["label_accuracy"] is NSNull)
        try train("ksh", "--labels", "labels.tsv", "--test-part")
        let again = try evaluate("--labels", "labels.tsv")
        #expect(again.report["map"] as? Double == beside[1]["map"] as? Double && !again.error.contains("warning"))
        let refused = try tool.run(
            "train", "--data", "data", "--labels", "labels.tsv", "--hold-out", "1", "--out", "other")
        #expect(refused.status == 64 && refused.error.contains("--hold-out"))
    }

    @Test func whatCannotBeMeasuredIsAnErrorBeforeTheWork() throws {
        try writeClasses(2)
        try train("cnnh")
        for (status, text, arguments) in [
            (1, "--hold-out", ["--protocol", "unseen"]),
            (1, "train and test", ["--protocol", "p2"]),
            (64, "p3", ["--protocol", "p3"]),
            (64, "1,0", ["--at", "1,0"]),
            (64, "float8", ["--arithmetic", "float8"]),
            (64, "--top 0", ["--top", "0"]),
            (64, "./out is named for --curve and for --plot", ["--curve", "out", "--plot", "./out"]),
            (1, "no/c.csv", ["--curve", "no/c.csv"]),
            (1, "nothing", ["--beside", "nothing"]),
            (1, "class 0", ["--queries", "9"]),
            (1, "search among", ["--protocol", "p1b"]),
        ] {
            let result = try tool.start([Tool.path, "evaluate", "m", "--data", "data"] + arguments).finish()
            #expect(result.status == Int32(status) && result.output.isEmpty)
            #expect(
                result.errorLines.last?.hasPrefix("hashdb: error: ") == true && result.error.contains(text),
                "\(result.error)")
        }
    }
}
