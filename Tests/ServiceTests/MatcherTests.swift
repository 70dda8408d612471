import Foundation
import HashDB
import Service
import Testing

/// The look-ups of ThreatExchange's matcher, against brute force.
@Suite struct MatcherTests {
    let fixture: ServiceFixture

    init() throws { fixture = try ServiceFixture(count: 2000, bits: 256, name: "BANK_A") }

    private func lookup(_ query: String) throws -> Answer { try fixture.ask("GET", query) }

    @Test func lookupsGiveBanksWithContentsAndDistances() throws {
        for index in stride(from: 2, to: 2000, by: 333) {
            var bytes = fixture.codes[index].bytes
            for byte in 0..<10 { bytes[3 * byte] ^= 0x11 }
            let code = try BinaryCode(bytes: bytes)
            let answer = try lookup("/m/lookup?signal=\(code.hex)&signal_type=pdq")
            let right = fixture.matches(of: code).filter { $0.distance <= 31 }
            #expect(!right.isEmpty && answer.status == 200)
            let bank = try #require(try answer.object["BANK_A"] as? [[String: Any]])
            #expect(bank.map { $0["bank_content_id"] as? Int } == right.map { Int($0.id) })
            #expect(bank.map { $0["distance"] as? String } == right.map { "\($0.distance)" })
            let raw = try lookup("/m/raw_lookup?signal=\(code.hex)&signal_type=pdq")
            #expect(try raw.object["matches"] as? [Int] == right.map { Int($0.id) })
            let far = try lookup("/m/raw_lookup?signal=\(code.hex)&signal_type=pdq&include_distance=true")
            #expect((try far.object["matches"] as? [[String: Any]])?.count == right.count)
        }
        let nothing = String(repeating: "a5", count: 32)
        #expect(try lookup("/m/lookup?signal=\(nothing)&signal_type=pdq").object.isEmpty)
        let first = fixture.codes[0].hex
        #expect(try lookup("/m/lookup?signal=\(first)&signal_type=pdq&banks=OTHER").object.isEmpty)
        #expect(try lookup("/m/lookup?signal=\(first)&signal_type=pdq&banks=OTHER,BANK_A&seed=1").object.count == 1)
    }

    @Test func newHashesMatchAtOnceAndWithdrawnOnesNoMore() throws {
        let hash = String(repeating: "3c", count: 32)
        let query = "/m/lookup?signal=\(hash)&signal_type=pdq"
        #expect(try lookup(query).object.isEmpty)
        let token = ServiceFixture.token
        #expect(try fixture.ask("POST", "/v1/insert", ["code": hash, "id": 9000], token: token).status == 200)
        #expect(try lookup(query).text == "{\"BANK_A\": [{\"bank_content_id\": 9000, \"distance\": \"0\"}]}\n")
        #expect(try fixture.ask("POST", "/v1/delete", ["ids": [9000]], token: token).status == 200)
        #expect(try lookup(query).object.isEmpty)
    }

    @Test(arguments: [
        ("/m/lookup", 400), ("/m/lookup?signal=00&signal_type=pdq", 400), ("/m/lookup?signal=00&signal_type=md5", 400),
        ("/m/lookup?url=http://localhost/", 403), ("/m/raw_lookup?signal_type=pdq", 400),
        ("/m/index/status?signal_type=md5", 400),
    ]) func mistakesAreAnsweredAsThere(target: String, status: Int) throws {
        let answer = try lookup(target)
        #expect(answer.status == status)
        #expect(try answer.object["message"] is String)
    }

    @Test func statusTellsHowManyHashesAreLive() throws {
        let status = try #require(try lookup("/m/index/status").object["pdq"] as? [String: Any])
        #expect(status["present"] as? Bool == true && status["size"] as? Int == 2000)
        #expect(try lookup("/status").text == "I-AM-ALIVE\n")
        // A store of other codes is no bank.
        let other = try ServiceFixture(count: 10)
        #expect(try other.ask("GET", "/m/lookup?signal=\(fixture.codes[0].hex)&signal_type=pdq").object.isEmpty)
    }
}
