import CodeFiles
import Foundation
import HashDB
import Testing

@Suite struct StoreCommandTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeCodes("c.npy", count: 100, bits: 64)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
    }

    @Test func deletedItemsAreGoneAndTheOthersStay() throws {
        let result = try tool.run("delete", "s.hashdb", "3", "5", "777")
        #expect(result.status == 0 && result.output.isEmpty)
        #expect(result.errorLines == ["hashdb: warning: there is no item of id 777", "deleted 2 of 3 items"])
        let ids = try tool.run("dump", "s.hashdb").lines.compactMap { $0.split(separator: "\t").first }
        let expected = (0..<100).filter { ![3, 5].contains($0) }
        #expect(ids.map { Int($0) } == expected)
        #expect(try tool.run("query", "s.hashdb", "--id", "3").status == 1)
    }

    @Test func foldingAndVerifyingChangeNoAnswer() throws {
        #expect(try tool.run("delete", "s.hashdb", "1", "2").status == 0)
        #expect(try tool.run("import", "s.hashdb", "c.npy").status == 0)
        let before = try tool.run("query", "s.hashdb", "--codes", "c.npy", "--json").output
        #expect(try tool.run("fold", "s.hashdb").status == 0)
        #expect(try tool.run("verify", "s.hashdb").status == 0)
        #expect(try tool.run("query", "s.hashdb", "--codes", "c.npy", "--json").output == before)
    }

    @Test func backupAndCompactKeepEverything() throws {
        #expect(try tool.run("delete", "s.hashdb", "3").status == 0)
        #expect(try tool.run("fold", "s.hashdb").status == 0)
        let items = try tool.run("dump", "s.hashdb").output
        let backup = try tool.run("backup", "s.hashdb", "copy.hashdb")
        #expect(backup.status == 0 && backup.output.isEmpty && backup.errorLines.count == 1)
        #expect(backup.error.hasPrefix("copy.hashdb: ") && backup.error.contains(" of the store's "))
        let again = try tool.run("backup", "s.hashdb", "copy.hashdb")
        #expect(again.status == 1 && again.error.contains("copy.hashdb: there is a file already"))
        let before = try space.bytes(of: "s.hashdb").count
        let compacted = try tool.run("compact", "s.hashdb")
        let after = try space.bytes(of: "s.hashdb").count
        #expect(compacted.status == 0 && after < before)
        #expect(compacted.errorLines.count == 1)
        #expect(compacted.error.hasPrefix("s.hashdb: ") && compacted.error.hasSuffix("kB are left\n"), "\(compacted)")
        for name in ["s.hashdb", "copy.hashdb"] {
            #expect(try tool.run("verify", name).status == 0)
            #expect(try tool.run("dump", name).output == items)
        }
        let nowhere = try tool.run("backup", "s.hashdb", "no/where.hashdb")
        #expect(
            nowhere.status == 1 && nowhere.error.contains("no/where.hashdb: there is no such directory"))
        for command in [["compact", "c.npy"], ["backup", "c.npy", "new"], ["compact", "none"]] {
            let result = try tool.start([Tool.path] + command).finish()
            #expect(result.status == 1 && result.errorLines.count == 1, "\(result.error)")
        }
    }

    @Test func damagedPagesAreNamedAndTheRestIsSaved() throws {
        let whole = try tool.run("rebuild", "s.hashdb", "copy.hashdb")
        #expect(whole.status == 0 && whole.errorLines == ["copy.hashdb: items 100, payloads 0, attributes 0"])
        let items = try tool.run("dump", "s.hashdb").output
        let all = Set(try tool.run("dump", "s.hashdb").lines)
        #expect(try tool.run("dump", "copy.hashdb").output == items)
        #expect(
            try tool.run("rebuild", "s.hashdb", "copy.hashdb").error.contains("copy.hashdb: there is a file already"))
        let bytes = try space.bytes(of: "s.hashdb")
        var named = 0
        for page in 2..<bytes.count / 4096 {
            var damaged = bytes
            damaged.replaceSubrange(page * 4096..<page * 4096 + 16, with: repeatElement(0, count: 16))
            try Data(damaged).write(to: URL(fileURLWithPath: space.file("d\(page).hashdb")))
            let verified = try tool.run("verify", "d\(page).hashdb")
            if verified.status == 0 {
                // Nothing that counts lay there.
                #expect(try tool.run("dump", "d\(page).hashdb").output == items, "page \(page)")
                continue
            }
            named += 1
            #expect(
                verified.status == 1 && verified.error.contains("d\(page).hashdb: page \(page)"), "\(verified.error)")
            let asJSON = try tool.run("verify", "d\(page).hashdb", "--json")
            #expect(asJSON.status == 1 && asJSON.output.hasPrefix("{\"whole\": false, \"pages\": [\"page \(page)"))
            let rebuilt = try tool.run("rebuild", "d\(page).hashdb", "r\(page).hashdb")
            if rebuilt.status == 0 {
                // The page was of the index, or of the list of free pages.
                #expect(try tool.run("dump", "r\(page).hashdb").output == items, "page \(page)")
            } else {
                #expect(rebuilt.status == 1 && rebuilt.error.contains("d\(page).hashdb"), "\(rebuilt.error)")
                // None, where nothing could be saved.
                let saved = Set(try tool.run("dump", "r\(page).hashdb").lines)
                #expect(saved.isSubset(of: all), "page \(page)")
            }
        }
        #expect(named > 2)
    }

    @Test func whatWasVerifiedIsPrintedAsJSON() throws {
        let result = try tool.run("verify", "s.hashdb", "--json")
        let collection = "{\"collection\": \"default\", \"items\": 100, \"damage\": null}"
        #expect(result.status == 0 && result.error.isEmpty)
        #expect(result.output == "{\"whole\": true, \"pages\": [], \"collections\": [\(collection)]}\n")
    }

    @Test func dumpPrintsJSONLines() throws {
        let lines = try tool.run("dump", "s.hashdb", "--json").lines
        #expect(lines.count == 100)
        for (id, line) in lines.enumerated() {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["id"] as? Int == id)
            #expect((object["code"] as? String)?.count == 16)
        }
    }

    /// A line of `dump --buckets --json`.
    private struct BucketLine: Decodable {
        struct Item: Decodable {
            let id: Int
            let code: String
        }
        let segment: UInt64
        let substring: Int
        let firstBit: Int
        let bits: Int
        let value: Int
        let items: [Item]
    }

    @Test func bucketsArePrintedWithTheItemsThatHaveTheirValue() throws {
        let codes = try space.writeCodes("b.npy", count: 6000, bits: 64)
        #expect(try tool.run("import", "b.hashdb", "b.npy").status == 0)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let buckets = try tool.run("dump", "b.hashdb", "--buckets", "--json").lines.map {
            try decoder.decode(BucketLine.self, from: Data($0.utf8))
        }
        var ids: [Int: [Int]] = [:]
        var wrong = 0
        for bucket in buckets {
            for item in bucket.items {
                let code = codes[item.id]
                var value = 0
                for bit in 0..<bucket.bits where code[bit: bucket.firstBit + bit] { value |= 1 << bit }
                if value != bucket.value || code.hex != item.code { wrong += 1 }
                ids[bucket.substring, default: []].append(item.id)
            }
        }
        #expect(wrong == 0)
        // Each substring has buckets for all items.
        #expect(ids.count > 1 && ids.values.allSatisfy { $0.sorted() == Array(0..<6000) })
        let text = buckets.map { bucket -> String in
            let items = bucket.items.map { "\($0.id):\($0.code)" }.joined(separator: " ")
            let bits = "\(bucket.firstBit)-\(bucket.firstBit + bucket.bits - 1)"
            return "\(bucket.segment)\t\(bucket.substring)\t\(bits)\t\(String(bucket.value, radix: 16))\t\(items)"
        }
        let isSame = try tool.run("dump", "b.hashdb", "--buckets").lines == text
        #expect(isSame)
        // So few are in no bucket.
        #expect(try tool.run("dump", "s.hashdb", "--buckets").output.isEmpty)
    }

    @Test func statsAsJSONHoldTheNumbers() throws {
        let result = try tool.run("stats", "s.hashdb", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["items"] as? Int == 100 && object["bits"] as? Int == 64)
        #expect(result.lines.count == 1)
    }

    @Test func statsAsTextNameTheNumbers() throws {
        let output = try tool.run("stats", "s.hashdb").output
        for word in ["items", "width", "substrings", "buckets", "delta", "tombstones", "readers", "model"] {
            #expect(output.contains(word), "\(word)")
        }
    }

    @Test func whatAStoreSaysIsTextOnThePage() throws {
        let model = ModelIdentity(name: "<svg onload=alert(1)>", fingerprint: "00")
        _ = try Store.create(at: space.file("m.hashdb"), bitWidth: 64, model: model)
        #expect(try tool.run("stats", "m.hashdb", "--html", "page.html").status == 0)
        let page = String(decoding: try space.bytes(of: "page.html"), as: UTF8.self)
        #expect(page.contains("&lt;svg onload") && !page.contains("<svg onload"))
        // Drawings are none.
        #expect(page.contains("<td><svg width"))
    }

    @Test func statsCountReadersAndNotWhatRests() throws {
        func readers() throws -> String? {
            try tool.run("stats", "s.hashdb").lines.first { $0.hasPrefix("readers ") }
        }
        #expect(try readers() == "readers     none but this one")
        // This process reads too.
        let other = try Store.open(at: space.file("s.hashdb"), access: .readOnly)
        let meanwhile = try other.read { _ in try readers() }
        #expect(meanwhile == "readers     2, this one included")
        #expect(try readers() == "readers     none but this one")
    }
}
