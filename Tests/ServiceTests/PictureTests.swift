import Foundation
import HashDB
import ImageCodes
import Service
import Testing

/// What the service says of stores that were made of images.
@Suite struct PictureTests {
    /// Five pictures, two of them twice.
    let fixture: ServiceFixture

    init() throws { fixture = try ServiceFixture(pictures: 5, copies: [1, 3]) }

    /// The names of the images of groups, those to be kept first.
    private func groups(_ query: String = "") throws -> [[String]] {
        let answer = try fixture.ask("GET", "/v1/duplicates" + query)
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(try answer.object["groups"] as? [[String: Any]]).map { group in
            try #require(group["images"] as? [[String: Any]]).map { image in
                String(try #require(image["path"] as? String).split(separator: "/").last ?? "")
            }.sorted()
        }
    }

    private func id(of name: String) throws -> UInt64 {
        try fixture.store.read { snapshot in
            try #require(try snapshot.image(at: ImagePath(fixture.picture(name)))?.id)
        }
    }

    @Test func duplicatesComeInPages() throws {
        let all = try groups()
        #expect(Set(all) == [["1 copy.pgm", "1.pgm"], ["3 copy.pgm", "3.pgm"]])
        #expect(try groups("?count=1") + groups("?offset=1&count=1") == all)
        #expect(try groups("?offset=2").isEmpty)
        // They differ in a sample, and none has the bytes of another.
        #expect(try groups("?tier=same-pixels").isEmpty && groups("?tier=same-bytes").isEmpty)
        let everything = try groups("?tier=look-alike&radius=256")
        #expect(everything == [["0.pgm", "1 copy.pgm", "1.pgm", "2.pgm", "3 copy.pgm", "3.pgm", "4.pgm"]])
        let answer = try fixture.ask("GET", "/v1/stores/pictures/duplicates").object
        #expect(answer["total"] as? Int == 2 && answer["images"] as? Int == 7 && answer["radius"] as? Int == 31)
    }

    @Test func aReportThatNoRequestCanWaitForIsDeliveredThoughTheStoreHasChanged() throws {
        // No report is made in no time.
        for (time, isKept) in [(Duration.zero, true), (Duration.seconds(30), false)] {
            var limits = Limits()
            limits.time = time
            let fixture = try ServiceFixture(pictures: 3, copies: [1], limits: limits)
            func commit() throws -> Int {
                try #require(try fixture.ask("GET", "/v1/duplicates").object["commit"] as? Int)
            }
            let first = try commit()
            let verdict = try fixture.ask("POST", "/v1/verdict", ["ids": [0, 1]], token: ServiceFixture.token)
            #expect(verdict.status == 200)
            #expect(try (commit() == first) == isKept)
        }
    }

    /// What takes the place of everything may have as many commits.
    @Test func aReportIsNotThatOfOtherContentsUnderTheSameNumber() throws {
        func ship(_ store: Store) throws -> ArraySlice<[UInt8]> {
            var pieces: [[UInt8]] = []
            try store.read { snapshot in _ = try snapshot.ship(after: nil) { pieces.append($0) } }
            return pieces[...]
        }
        func number() throws -> UInt64 { try fixture.store.read { $0.commitNumber } }
        try fixture.store.recordChanges()
        let other = try Store.temporary(bitWidth: fixture.store.bitWidth, model: fixture.store.model)
        var everything = try ship(fixture.store)
        try other.receive { everything.popFirst() }
        let copy = try id(of: "1 copy.pgm")
        #expect(try other.write { try $0.delete(copy) })
        try fixture.store.write { try $0.setAttribute([1], forKey: "a") }
        let before = try number()
        #expect(try groups().count == 2)

        everything = try ship(other)
        try fixture.store.receive(replacing: true) { everything.popFirst() }
        #expect(try number() == before)
        #expect(try groups() == [["3 copy.pgm", "3.pgm"]])
    }

    @Test func imagesNearWhichThereIsTooMuchAreRefused() throws {
        var limits = Limits()
        limits.results = 3
        let fixture = try ServiceFixture(pictures: 4, copies: [], limits: limits)
        let picture = ServiceFixture.waves(1)
        let all = try fixture.ask("POST", "/v1/nearest-image?radius=256&variants=true", bytes: picture)
        #expect(all.status == 422 && all.error?.contains("more than 3 items") == true)
        #expect(try fixture.ask("POST", "/v1/nearest-image?k=3&variants=true", bytes: picture).neighbors.count == 3)
    }

    @Test func aVerdictIsRememberedAndForgotten() throws {
        let pair = [try id(of: "1.pgm"), try id(of: "1 copy.pgm")]
        func verdict(_ body: [String: Any]) throws -> Answer {
            try fixture.ask("POST", "/v1/verdict", body, token: ServiceFixture.token)
        }
        #expect(try verdict(["ids": pair]).object["pairs"] as? Int == 1)
        #expect(try groups() == [["3 copy.pgm", "3.pgm"]])
        #expect(try verdict(["ids": pair, "forget": true]).status == 200)
        #expect(try groups().count == 2)
        for (body, status) in [
            (["ids": [0]], 400), ([:], 400), (["ids": [0, 99]], 404), (["ids": pair, "x": 1], 400),
            (["ids": (0...100).map { $0 }], 400),
        ] as [([String: Any], Int)] {
            #expect(try verdict(body).status == status)
        }
        #expect(try groups().count == 2)
    }

    /// Else its record would tell of another image than its code, or be lost.
    @Test func anImageIsNotReplaced() throws {
        let id = try id(of: "2.pgm")
        let before = try fixture.store.read { try $0.item(id) }
        let model = try #require(fixture.store.model?.name)
        let code = String(repeating: "0f", count: 32)
        func insert(_ body: [String: Any]) throws -> Answer {
            try fixture.ask(
                "POST", "/v1/insert", body.merging(["code": code]) { $1 }, token: ServiceFixture.token)
        }
        for body in [["id": id, "replace": true], ["id": 5000], ["id": 5000, "model": "another"]] as [[String: Any]] {
            let answer = try insert(body)
            #expect(answer.status == 409 && answer.error?.contains("codes of \(model)") == true, "\(answer.text)")
        }
        let image = try insert(["id": id, "replace": true, "model": model])
        #expect(image.status == 409 && image.error?.contains("id \(id) is an image") == true, "\(image.text)")
        #expect(try fixture.store.read { try $0.item(id) } == before)
        // What is no image may be, by codes that are said to be of the model.
        for _ in 0..<2 { #expect(try insert(["id": 5000, "replace": true, "model": model]).status == 200) }
        #expect(try fixture.store.read { try $0.code(of: 5000) }?.hex == code)
        let codes = try ServiceFixture(count: 3)
        let other = try codes.ask(
            "POST", "/v1/insert", ["code": codes.codes[0].hex, "model": model], token: ServiceFixture.token)
        #expect(other.status == 409)
    }

    @Test func imagesAreFoundByTheirBytes() throws {
        let answer = try fixture.ask("POST", "/v1/nearest-image?k=2", bytes: ServiceFixture.waves(1))
        #expect(try Set(answer.neighbors.map(\.id)) == [id(of: "1.pgm"), id(of: "1 copy.pgm")])
        let within = try fixture.ask("POST", "/v1/nearest-image?radius=0", bytes: ServiceFixture.waves(4))
        #expect(try within.neighbors == [Match(id: id(of: "4.pgm"), distance: 0)])
        // Upside down: the same image in another variant.
        let header = Array("P5\n96 80\n255\n".utf8)
        let turned = header + ServiceFixture.waves(2).dropFirst(header.count).reversed()
        let variants = try fixture.ask("POST", "/v1/nearest-image?radius=8&variants=true", bytes: turned)
        #expect(try variants.neighbors.map(\.id) == [id(of: "2.pgm")])
        let found = try #require(try variants.object["neighbors"] as? [[String: Any]])
        #expect(found[0]["variant"] as? String == "rotated-180")
    }

    @Test func itemsAndThumbnailsAreThoseOfTheStore() throws {
        let id = try id(of: "2.pgm")
        let item = try fixture.ask("GET", "/v1/items/\(id)").object
        #expect(item["width"] as? Int == 96 && item["height"] as? Int == 80)
        #expect(item["bytes"] as? Int == ServiceFixture.waves(2).count)
        #expect((item["path"] as? String)?.hasSuffix("/2.pgm") == true)
        let thumbnail = try fixture.ask("GET", "/v1/items/\(id)/thumbnail?side=32")
        #expect(thumbnail.status == 200 && thumbnail.header("Content-Type") == "image/jpeg")
    }

    @Test(arguments: [
        ("/v1/duplicates?tier=none", 400), ("/v1/duplicates?radius=257", 400), ("/v1/duplicates?count=0", 400),
        ("/v1/duplicates?offset=-1", 400), ("/v1/duplicates?count=1&count=2", 400), ("/v1/duplicates?what=1", 400),
        ("/v1/items/none", 404), ("/v1/items/07", 404), ("/v1/items/99", 404), ("/v1/items/99/thumbnail", 404),
        ("/v1/items/0/thumbnail?side=1", 400),
    ]) func badQuestionsGetAnErrorThatSaysWhy(target: String, status: Int) throws {
        let answer = try fixture.ask("GET", target)
        #expect(answer.status == status)
        #expect(try !#require(answer.error).isEmpty && !answer.text.dropLast().contains("\n"))
    }

    @Test func codesOfUnknownOriginAreNoImages() throws {
        let codes = try ServiceFixture(count: 10)
        #expect(try codes.ask("POST", "/v1/nearest-image", bytes: ServiceFixture.waves(0)).status == 422)
        #expect(try codes.ask("GET", "/v1/duplicates?tier=near").status == 422)
        #expect(try codes.ask("GET", "/v1/items/3/thumbnail").status == 404)
    }

    @Test(arguments: [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")])
    func thePageLoadsNothingFromElsewhere(target: String, type: String) throws {
        let answer = try fixture.ask("GET", target)
        #expect(answer.status == 200 && answer.header("Content-Type")?.hasPrefix(type) == true)
        #expect(answer.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
        #expect(!answer.text.contains("http://") && !answer.text.contains("https://"))
    }
}
