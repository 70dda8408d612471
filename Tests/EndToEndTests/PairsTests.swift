import Foundation
import HashDB
import Testing

@Suite struct PairsTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
    }

    @Test func pairsAreThoseOfComparingAllWithAll() throws {
        let codes = try space.writeCodes("c.npy", count: 6000, bits: 24)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        var expected: Set<MatchedPair> = []
        for a in codes.indices {
            for b in a + 1..<codes.count {
                let distance = codes[a].hammingDistance(to: codes[b])
                if distance <= 2 { expected.insert(MatchedPair(UInt64(a), UInt64(b), distance: distance)) }
            }
        }
        let result = try tool.run("pairs", "s.hashdb", "--radius", "2", "--json")
        #expect(result.status == 0 && result.errorLines == ["\(expected.count) pairs within 2 bits"])
        let found = try result.lines.map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Int])
            #expect(Set(object.keys) == ["a", "b", "distance"])
            let (a, b) = (try #require(object["a"]), try #require(object["b"]))
            #expect(a < b)
            return MatchedPair(UInt64(a), UInt64(b), distance: try #require(object["distance"]))
        }
        #expect(Set(found) == expected && found.count == expected.count)
    }

    @Test func theTableAndTheJSONHaveTheDocumentedForms() throws {
        try space.writeCodes("a.npy", count: 3, bits: 64)
        try space.writeIDs("i.npy", [10, 70_000, 5])
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        #expect(try tool.run("import", "s.hashdb", "a.npy", "--ids", "i.npy").status == 0)
        #expect(try tool.run("delete", "s.hashdb", "0", "2").status == 0)
        let json = try tool.run("pairs", "s.hashdb", "--radius", "0", "--json")
        #expect(json.output == "{\"a\": 1, \"b\": 70000, \"distance\": 0}\n")
        let table = try tool.run("pairs", "s.hashdb", "--radius", "0")
        #expect(table.output == "distance   id a   id b\n       0      1  70000\n")
    }

    @Test func aStoreWithoutPairsPrintsNothing() throws {
        try space.writeCodes("a.npy", count: 3, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        let result = try tool.run("pairs", "s.hashdb", "--radius", "1")
        #expect(result.status == 0 && result.output.isEmpty && result.errorLines == ["0 pairs within 1 bits"])
    }

    @Test func aRadiusIsNeededAndNotNegative() throws {
        try space.writeCodes("a.npy", count: 3, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "a.npy").status == 0)
        #expect(try tool.run("pairs", "s.hashdb").status == 64)
        #expect(try tool.run("pairs", "s.hashdb", "--radius=-1").status == 64)
    }

    @Test func imagesAreNamedByTheirPaths() throws {
        try space.writeModel("m.safetensors")
        try space.writePicture("photos/a.ppm", seed: 1)
        // The same pixels in other bytes: the same bytes would be one image in two places.
        let header = Array("P6\n".utf8)
        try space.write(header + Array("#\n".utf8) + space.bytes(of: "photos/a.ppm").dropFirst(3), to: "photos/b.ppm")
        let ingest = try tool.run("ingest", "s.hashdb", "photos", "--model", "m.safetensors")
        #expect(ingest.status == 0)
        let lines = try tool.run("pairs", "s.hashdb", "--radius", "0").lines
        let folder = space.resolvedPath + "/photos"
        #expect(lines == ["distance  id a  id b  paths", "       0     0     1  \(folder)/a.ppm  \(folder)/b.ppm"])
    }
}
