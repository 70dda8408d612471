import Foundation
import HashDB
import Service
import Testing

/// What clients are told of what goes wrong within, and what the operator is.
@Suite struct FailureTests {
    private struct Unforeseen: Error {}

    @Test(
        arguments: [
            (.idsExhausted, 409), (.busy(path: "/p"), 503), (.diskFull(path: "/p", reason: "quota"), 507),
            (.damaged(path: "/p", part: "segment 3", reason: "it is"), 500),
            (.damaged(path: "/p", part: "file", reason: "it ends after 1 of 2 bytes"), 503),
            (.notAStore(path: "/p", reason: "it is text"), 503), (.storeNotFound(path: "/p"), 503),
            (.system(path: "/p", code: Int(EDEADLK), reason: "it must be opened anew"), 503),
            (.system(path: "/p", code: Int(EIO), reason: "the device"), 500), (.unknownID(3), 404),
        ] as [(HashDBError, Int)])
    func errorsOfTheStoreHaveTheirStatus(error: HashDBError, status: Int) {
        let told = ServiceError(error, store: "s")
        #expect(told.status == status && !told.message.isEmpty)
        // Where the store lies is nothing to clients.
        #expect(!told.message.contains("/p"))
        #expect(told.status < 500 || told.status == 503 || told.cause == "\(error)")
    }

    @Test func theCauseIsForTheOperatorAlone() {
        let told = ServiceError(Unforeseen(), store: "s")
        #expect(told.status == 500 && !told.message.contains("Unforeseen"))
        #expect(told.cause?.contains("Unforeseen") == true)
    }

    @Test func theLogTellsTheRequestAndTheCause() throws {
        let fixture = try ServiceFixture(pictures: 1, copies: [])
        #expect(try fixture.ask("GET", "/v1/items/7").status == 404)
        #expect(fixture.log.lines.isEmpty)
        // A record of a version that there is not.
        try fixture.store.write { try $0.setPayload([0x49, 99], of: 0) }
        let answer = try fixture.ask("GET", "/v1/items/0")
        #expect(answer.status == 500 && answer.error?.contains("99") == false)
        let line = try #require(fixture.log.lines.first)
        #expect(fixture.log.lines.count == 1 && line.hasPrefix("GET /v1/items/0: ") && line.contains("99"), "\(line)")
    }

    @Test func idsThatAreUsedUpAreAConflict() throws {
        let fixture = try ServiceFixture(count: 3)
        let code = fixture.codes[0].hex
        func insert(_ body: String) throws -> Answer {
            try fixture.ask("POST", "/v1/insert", bytes: Array(body.utf8), token: ServiceFixture.token)
        }
        #expect(try insert("{\"code\": \"\(code)\", \"id\": \(UInt64.max)}").status == 200)
        let answer = try insert("{\"code\": \"\(code)\"}")
        #expect(answer.status == 409 && answer.error?.contains("largest possible id") == true, "\(answer.text)")
        #expect(fixture.log.lines.isEmpty)
    }
}
