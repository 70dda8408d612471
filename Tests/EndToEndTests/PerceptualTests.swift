import Foundation
import Testing

@Suite struct PerceptualTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writePictures("photos", count: 12)
    }

    /// A picture turned a quarter counterclockwise.
    func writeTurned(_ name: String, to copy: String, width: Int = 48, height: Int = 40) throws {
        let bytes = try space.bytes(of: name)
        let pixels = Array(bytes.suffix(3 * width * height))
        var turned = Array("P6\n\(height) \(width)\n255\n".utf8)
        for y in 0..<width {
            for x in 0..<height {
                let start = 3 * (x * width + width - 1 - y)
                turned += pixels[start..<start + 3]
            }
        }
        try space.write(turned, to: copy)
    }

    @Test(arguments: [("pdq", 256), ("phash", 64), ("dhash", 64)])
    func hashesMakeStoresThatKnowThem(hash: String, bits: Int) throws {
        let result = try tool.run("ingest", "s.hashdb", "photos", "--model", hash)
        #expect(result.status == 0 && result.error.contains("12 added"))
        let stats = try tool.run("stats", "s.hashdb")
        #expect(stats.output.contains("\(bits) bits") && stats.output.contains("\(hash)/1 (fingerprint "))
        // Neither a second run nor a query has to name it.
        #expect(try tool.run("ingest", "s.hashdb", "photos").error.contains("12 unchanged"))
        let answer = try tool.run("query", "s.hashdb", "photos/007.ppm", "-k", "2", "--json")
        let line = try QueryLine(answer.output)
        #expect(line.matches.first?.distance == 0 && line.paths.first??.hasSuffix("photos/007.ppm") == true)
        #expect(line.matches.last.map { $0.distance > bits / 8 } == true)
        for other in ["pdq", "phash", "dhash"] where other != hash {
            let refused = try tool.run("query", "s.hashdb", "photos/007.ppm", "--model", other)
            #expect(refused.status == 1 && refused.error.contains("\(hash)/1"))
        }
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", hash).error.contains("12 unchanged"))
    }

    @Test(arguments: ["pdq", "phash", "dhash"])
    func turnedImagesAreFoundByTheirVariants(hash: String) throws {
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", hash).status == 0)
        try writeTurned("photos/004.ppm", to: "turned.ppm")
        let plain = try QueryLine(try tool.run("query", "s.hashdb", "turned.ppm", "-k", "1", "--json").output)
        #expect(plain.matches.first?.distance != 0)
        let answer = try tool.run("query", "s.hashdb", "turned.ppm", "-k", "3", "--json", "--variants")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])
        let neighbors = try #require(object["neighbors"] as? [[String: Any]])
        #expect(neighbors.count == 3 && neighbors[0]["distance"] as? Int == 0)
        // What was turned to the left is turned to the right again.
        #expect(neighbors[0]["variant"] as? String == "rotated-270")
        #expect((neighbors[0]["path"] as? String)?.hasSuffix("photos/004.ppm") == true)
        #expect(Set(neighbors.compactMap { $0["id"] as? Int }).count == 3)
        let table = try tool.run("query", "s.hashdb", "turned.ppm", "--radius", "0", "--variants")
        #expect(table.lines.count == 3 && table.lines[2].contains("rotated-270"))
    }

    @Test func learnedCodesHaveVariantsToo() throws {
        try space.writeModel("m.safetensors")
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors").status == 0)
        try writeTurned("photos/004.ppm", to: "turned.ppm")
        let answer = try tool.run("query", "s.hashdb", "turned.ppm", "-k", "1", "--json", "--variants")
        #expect(answer.output.contains("\"variant\": \"rotated-270\"") && answer.output.contains("photos/004.ppm"))
    }

    @Test func qualityIsKeptAndLowQualityTold() throws {
        try space.write(Array("P5\n60 50\n255\n".utf8) + [UInt8](repeating: 90, count: 3000), to: "photos/flat.pgm")
        let result = try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq")
        #expect(result.error.contains("13 added") && result.error.contains(" of low quality"))
        let flat = try #require(try tool.run("dump", "s.hashdb", "--json").lines.first { $0.contains("flat.pgm") })
        #expect(flat.contains("\"quality\": 0") && flat.contains(String(repeating: "0", count: 64)))
    }

    @Test func onlyImagesHaveVariants() throws {
        #expect(try tool.run("ingest", "s.hashdb", "photos", "--model", "pdq").status == 0)
        let refused = try tool.run("query", "s.hashdb", "--id", "1", "--variants")
        #expect(refused.status == 64 && refused.error.contains("--variants"))
    }
}
