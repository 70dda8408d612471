import Foundation
import HashDB
import Service
import Testing

/// Changes through the service, and who may make them.
@Suite struct WritingTests {
    let fixture: ServiceFixture

    init() throws { fixture = try ServiceFixture(count: 100, bits: 256) }

    private func insert(_ body: Any) throws -> Answer {
        try fixture.ask("POST", "/v1/insert", body, token: ServiceFixture.token)
    }

    @Test func whatIsInsertedIsFoundAndWhatIsDeletedIsNot() throws {
        let code = String(repeating: "0f", count: 32)
        let before = try fixture.store.read { $0.commitNumber }
        let inserted = try insert(["items": [["code": code, "name": "a \"b\""], ["code": code, "id": 5000]]])
        #expect(try inserted.status == 200 && inserted.object["ids"] as? [Int] == [100, 5000])
        #expect(try inserted.object["commit"] as? Int == Int(before) + 1)
        let found =
            try fixture.ask("POST", "/v1/within", ["code": code, "radius": 0]).object["neighbors"] as? [[String: Any]]
        #expect(found?.map { $0["id"] as? Int } == [100, 5000] && found?[0]["name"] as? String == "a \"b\"")
        let deleted = try fixture.ask("POST", "/v1/delete", ["ids": [100, 77_777]], token: ServiceFixture.token)
        #expect(try deleted.object["deleted"] as? Int == 1 && deleted.object["missing"] as? [Int] == [77_777])
        #expect(try deleted.object["commit"] as? Int == Int(before) + 2)
        // Where there is nothing to be done, there is no commit.
        let again = try fixture.ask("POST", "/v1/delete", ["ids": [100]], token: ServiceFixture.token)
        #expect(try again.object["commit"] as? Int == Int(before) + 2)
        #expect(try fixture.ask("POST", "/v1/within", ["code": code, "radius": 0]).neighbors.map(\.id) == [5000])
    }

    @Test func anInsertIsAllOrNothing() throws {
        let code = String(repeating: "f0", count: 32)
        let taken = try insert(["items": [["code": code], ["code": code, "id": 7]]])
        #expect(taken.status == 409 && taken.error?.contains("id 7") == true)
        #expect(try fixture.store.count == 100)
        #expect(try insert(["code": code, "id": 7, "replace": true]).status == 200)
        #expect(try fixture.store.count == 100)
        #expect(try fixture.store.read { try $0.code(of: 7) }?.hex == code)
        for bad in [["code": "00"], ["id": 3], ["code": code, "extra": 1], ["items": [3]], ["items": [["code": 3]]]]
            as [Any]
        {
            #expect(try insert(bad).status == 400)
        }
        #expect(try fixture.store.count == 100)
    }

    @Test(arguments: ["insert", "delete", "verdict"]) func nobodyWritesWithoutTheToken(path: String) throws {
        let body = ["code": String(repeating: "00", count: 32)]
        for (token, header) in [
            (nil, ""), ("", ""), ("wrong", ""), (ServiceFixture.token + "x", ""), (nil, "Authorization: Basic YTpi"),
            (nil, "Authorization: \(ServiceFixture.token)"),
        ] {
            let headers = header.isEmpty ? [] : [header]
            let answer = try fixture.ask("POST", "/v1/\(path)", body, token: token, headers: headers)
            #expect(answer.status == 401 && answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
        }
        let closed = try ServiceFixture(count: 1, bits: 256, isWritable: false)
        #expect(try closed.ask("POST", "/v1/\(path)", body, token: ServiceFixture.token).status == 403)
        #expect(try fixture.store.count == 100 && closed.store.count == 1)
    }

    @Test func metricsTellWhatWasDone() throws {
        for _ in 0..<3 { _ = try fixture.ask("POST", "/v1/nearest", ["id": 1]) }
        _ = try fixture.ask("POST", "/v1/nearest", ["id": 1000])
        _ = try insert(["code": String(repeating: "00", count: 32)])
        let text = try fixture.ask("GET", "/metrics").text
        let commit = try fixture.store.read { $0.commitNumber }
        for line in [
            "hashdb_requests_total{endpoint=\"nearest\",status=\"200\"} 3",
            "hashdb_requests_total{endpoint=\"nearest\",status=\"404\"} 1",
            "hashdb_request_seconds_count{endpoint=\"nearest\"} 4",
            "hashdb_request_seconds_bucket{endpoint=\"nearest\",le=\"+Inf\"} 4",
            "hashdb_items{store=\"codes\"} 101", "hashdb_commit_number{store=\"codes\"} \(commit)",
            "hashdb_store_readable{store=\"codes\"} 1",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        // Each metric is described once, before its values.
        let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count && types.count == 7)
    }
}
