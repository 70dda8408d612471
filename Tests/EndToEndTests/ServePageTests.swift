import Foundation
import Testing

/// What `serve` does with images, and its page in a browser.
@Suite struct ServePageTests {
    let space: Workspace
    static let token = "0123456789-secret"

    init() throws {
        space = try Workspace()
        // With enough contrast for codes that can be relied on.
        for (number, seed) in [(1, 52), (2, 54), (3, 71), (4, 74)] as [(Int, UInt64)] {
            try space.writePicture("photos/\(number).ppm", seed: seed, width: 128, height: 96)
        }
        // The same pictures, a little spoilt.
        for number in 1...2 {
            var bytes = try space.bytes(of: "photos/\(number).ppm")
            for pixel in stride(from: 5000, to: 5100, by: 7) { bytes[pixel] ^= 1 }
            try space.write(bytes, to: "photos/\(number) <spoilt>.ppm")
        }
        #expect(try space.tool.run("ingest", "p.hashdb", "photos", "--model", "pdq").status == 0)
        try space.write(Array(Self.token.utf8), to: "token")
    }

    private func neighbors(_ response: ServiceClient.Response) throws -> [[String: Any]] {
        try #require(try response.object["neighbors"] as? [[String: Any]], "\(response.text)")
    }

    @Test func imagesAreLookedForByTheirBytes() throws {
        let service = try RunningService(space, "p.hashdb")
        let bytes = try space.bytes(of: "photos/3.ppm")
        let found = try neighbors(service.ask("POST", "/v1/nearest-image?k=2", bytes))
        #expect(found.count == 2 && found[0]["distance"] as? Int == 0)
        #expect((found[0]["path"] as? String)?.hasSuffix("photos/3.ppm") == true)
        let line = try space.tool.run("query", "p.hashdb", "photos/3.ppm", "-k", "2", "--json").lines[0]
        let query = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((query["neighbors"] as? [[String: Any]])?.map { $0["id"] as? Int } == found.map { $0["id"] as? Int })
        let turned = try neighbors(service.ask("POST", "/v1/nearest-image?radius=0&variants=true", bytes))
        #expect(turned.first?["variant"] as? String == "original")
        for (target, body, status) in [
            ("/v1/nearest-image", Array("no image".utf8), 422), ("/v1/nearest-image", [], 400),
            ("/v1/nearest-image?k=0", bytes, 400), ("/v1/nearest-image?k=1&radius=2", bytes, 400),
            ("/v1/nearest-image?x=1", bytes, 400),
        ] {
            let answer = try service.ask("POST", target, body)
            #expect(answer.status == status && !answer.error.isEmpty)
        }
    }

    /// Only the bytes that the store has recorded, below the folder that they were found in.
    @Test func picturesAreOnlyThoseThatTheStoreKnows() throws {
        let service = try RunningService(space, "p.hashdb")
        func picture(_ id: Int) throws -> ServiceClient.Response {
            try service.ask("GET", "/v1/items/\(id)/thumbnail?side=64")
        }
        let lines = try space.tool.run("dump", "p.hashdb", "--json").lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        func id(of name: String) throws -> Int {
            try #require(lines.first { ($0["path"] as? String)?.hasSuffix("/" + name) == true }?["id"] as? Int)
        }
        let whole = try picture(id(of: "1.ppm"))
        #expect(whole.status == 200 && whole.body.starts(with: [0xFF, 0xD8]) && whole.head.contains("image/jpeg"))
        // Another file in its place; a link to what lies elsewhere, even if it is the same; a pipe; nothing.
        try space.writePicture("photos/2.ppm", seed: 99, width: 128, height: 96)
        #expect(
            try space.tool.shell(
                "mkdir out && mv photos/3.ppm out/ && ln -s ../out/3.ppm photos/3.ppm && rm photos/4.ppm 'photos/1 <spoilt>.ppm' && mkfifo photos/4.ppm"
            ).status == 0)
        for name in ["2.ppm", "3.ppm", "4.ppm", "1 <spoilt>.ppm"] {
            let answer = try picture(id(of: name))
            #expect(answer.status == 404 && answer.error.hasPrefix("there is no picture of id"), "\(name)")
        }
        #expect(try picture(1000).status == 404)
        #expect(try service.ask("GET", "/v1/items/1/thumbnail?side=9999").status == 400)
    }

    @Test(.enabled(if: Browser.path != nil, "needs Chromium"))
    func thePageSearchesAndTakesVerdicts() throws {
        let service = try RunningService(space, "p.hashdb", "--token-file", "token")
        let browser = try Browser(space)
        try browser.visit("http://127.0.0.1:\(service.port)/")
        func until(_ expression: String) throws {
            let _: Bool = try browser.value(
                of: """
                    new Promise((done, fail) => { let rest = 2000; (function look() {
                      if (\(expression)) done(true); else if (rest-- > 0) setTimeout(look, 10); else fail(document.body.innerText);
                    })(); })
                    """)
        }
        try until("document.getElementById('facts').textContent.startsWith('6 items, 256 bits')")
        // A picture that is dropped: here one of the service's own thumbnails.
        let _: Bool = try browser.value(
            of: "fetch('/v1/items/0/thumbnail').then(answer => answer.blob()).then(blob => pick(blob)).then(() => true)"
        )
        try until("document.querySelectorAll('#found figure').length === 6")
        try browser.see()
        #expect(try browser.text("#answer") == "6 nearest to the image")
        #expect(try browser.isSeen("#found figure:nth-child(1) img"))
        #expect(try browser.value(of: "document.querySelectorAll('#found img').length") == 6)
        #expect(try browser.text("#found").contains("<spoilt>.ppm"))
        // A click on a picture looks for images like it.
        try browser.click("#found figure:nth-child(2) img")
        try until("document.getElementById('answer').textContent.includes('nearest to id')")
        #expect(try browser.text("#found figure:nth-child(1) figcaption").hasPrefix("distance 0"))

        try browser.click("#to-duplicates")
        try until("document.querySelectorAll('#groups section').length === 2")
        #expect(try browser.text("#report").hasPrefix("Groups 1 to 2 of 2"))
        #expect(try !browser.isSeen("#search"))
        // Without the token nothing is remembered.
        try browser.click("#groups section:nth-child(1) .different")
        try until("document.querySelector('#groups .failed')")
        #expect(try space.tool.run("verdict", "p.hashdb", "--list").lines.isEmpty)
        let _: String = try browser.value(of: "document.getElementById('token').value = '\(Self.token)'")
        try browser.click("#groups section:nth-child(1) .different")
        try until("document.querySelector('#groups .different').textContent === 'Take it back'")
        #expect(try space.tool.run("verdict", "p.hashdb", "--list").lines.count == 1)
        try browser.click("#look")
        try until("document.querySelectorAll('#groups section').length === 1")

        let address = "http://127.0.0.1:\(service.port)/"
        #expect(
            browser.requests.allSatisfy {
                $0.hasPrefix(address) || $0.hasPrefix("blob:" + address) || $0 == "about:blank"
            })
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
}
