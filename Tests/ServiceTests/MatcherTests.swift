import Foundation
import HashDB
import ImageCodes
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

    @Test func uploadedImagesAreHashedAndLookedUp() throws {
        let image = Self.image()
        let code = try ImageModel.perceptual(.pdq).code(of: image, named: ImagePath("image")).code
        let hashed = try upload("/h/hash", Self.form([("photo", "a \"b\".ppm", image)]))
        #expect(hashed.text == "{\"pdq\": \"\(code.hex)\"}\n")
        let token = ServiceFixture.token
        #expect(try upload("/m/lookup", Self.form([("photo", "a.ppm", image)])).text == "{\"pdq\": {}}\n")
        #expect(try fixture.ask("POST", "/v1/insert", ["code": code.hex, "id": 9000], token: token).status == 200)
        let note = ("note", String?.none, Array("text".utf8))
        let found = try upload("/m/lookup", Self.form([note, ("photo", "a.ppm", image)]))
        #expect(found.text == "{\"pdq\": {\"BANK_A\": [{\"bank_content_id\": 9000, \"distance\": \"0\"}]}}\n")
        let other = try upload("/m/lookup?banks=OTHER", Self.form([("photo", "a.ppm", image)]))
        #expect(other.text == "{\"pdq\": {}}\n")
    }

    @Test func uploadsThatAreNoneAreRefused() throws {
        let image = Self.image()
        let status = { (form: [UInt8]) throws in try upload("/m/lookup", form).status }
        #expect(try status(Self.form([("video", "a.ppm", image)])) == 400)
        #expect(try status(Self.form([("photo", nil, image)])) == 400)
        #expect(try status(Self.form([("photo", "a", image), ("photo", "b", image)])) == 400)
        #expect(try status(Self.form((0..<20).map { ("\($0)", nil, []) })) == 413)
        #expect(try status(Self.form([("photo", "a", Array("no image".utf8))])) == 422)
        #expect(try fixture.ask("POST", "/h/hash", bytes: image).status == 400)
        #expect(try fixture.ask("GET", "/h/hash?url=http://localhost/").status == 405)
        let whole = Self.form([("photo", "a.ppm", [1, 2, 3])])
        for count in 0..<whole.count - 4 {
            let answer = try upload("/h/hash", Array(whole.prefix(count)))
            #expect(answer.status == 400)
            #expect(try answer.object["message"] is String)
        }
    }

    private func upload(_ target: String, _ form: [UInt8]) throws -> Answer {
        let type = "Content-Type: Multipart/Form-Data; charset=x; boundary=\"a b;c\""
        return try fixture.ask("POST", target, bytes: form, headers: [type])
    }

    /// As `curl -F` writes it, of fields with names of files or none.
    private static func form(_ fields: [(name: String, file: String?, bytes: [UInt8])]) -> [UInt8] {
        var form: [UInt8] = []
        for (name, file, bytes) in fields {
            let file = file.map { "; filename=\"\($0.replacing("\"", with: "%22"))\"" } ?? ""
            let head = "Content-Type: x/y\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\r\n"
            form += Array("--a b;c\r\n\(head)".utf8) + bytes + Array("\r\n".utf8)
        }
        return form + Array("--a b;c--\r\n".utf8)
    }

    /// Waves of brightness.
    private static func image() -> [UInt8] {
        let pixels: [UInt8] = (0..<96 * 96).map { place in
            let (x, y) = (Double(place % 96), Double(place / 96))
            return UInt8(128 + 60 * sin(x / 7) + 60 * cos(y / 11))
        }
        return Array("P5\n96 96\n255\n".utf8) + pixels
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
