import Foundation
import HashDB
import Testing

/// What is seen of `stats --html` in a browser.
@Suite(.enabled(if: Browser.path != nil, "needs Chromium")) struct StatisticsPageTests {
    private let space: Workspace

    init() throws {
        space = try Workspace()
    }

    private func browser(showing store: String) throws -> Browser {
        #expect(try space.tool.run("stats", store, "--html", "page.html").status == 0)
        let browser = try Browser(space)
        try browser.open(space.file("page.html"))
        return browser
    }

    /// The cells of a table's body, as they are seen.
    private func table(_ label: String, _ browser: Browser) throws -> [[String]] {
        try browser.value(
            of: """
                [...document.querySelectorAll("[aria-label='\(label)'] tbody tr")].map(row => [...row.children].map(cell => cell.innerText))
                """)
    }

    private func number(_ text: String) throws -> Int {
        try #require(Int(text.filter(\.isNumber)))
    }

    @Test func tablesAreTrueAndDrawingsSeen() throws {
        let codes = try space.writeCodes("c.npy", count: 500, bits: 64, seed: 3)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        #expect(try space.tool.run("fold", "s.hashdb").status == 0)
        let browser = try browser(showing: "s.hashdb")
        #expect(try browser.text("h1").hasSuffix("s.hashdb") && browser.text("table.facts").contains("500"))

        var expected = [Int](repeating: 0, count: 65)
        for a in codes.indices { for b in 0..<a { expected[codes[a].hammingDistance(to: codes[b])] += 1 } }
        var found = [Int](repeating: 0, count: 65)
        for row in try table("pairs by distance", browser) { found[try number(row[0])] = try number(row[1]) }
        #expect(found == expected)
        let half = try #require(try table("pairs by distance", browser).first { $0[0] == "32" })
        #expect(half[3] == "0.0993")

        let bits = try table("share of codes that have a bit", browser)
        #expect(bits.count == 64)
        for (bit, row) in bits.enumerated() {
            let share = Double(codes.count { $0[bit: bit] }) / 500
            #expect(abs(try #require(Double(row[1])) - share) < 0.0001)
        }

        let parts = try table("bytes of the file", browser)
        let bytes = try FileManager.default.attributesOfItem(atPath: space.file("s.hashdb"))[.size] as? Int
        #expect(try parts.reduce(0) { $0 + (try number($1[1])) } == bytes)

        #expect(try browser.value(of: "document.querySelectorAll('.charts svg').length") == 3)
        #expect(try browser.isSeen(".charts svg") && browser.isSeen(".table td svg"))
        #expect(
            try browser.value(of: "[...document.querySelectorAll('.charts svg title')].map(e => e.textContent).join()")
                == "Distances of pairs,Balance of the bits,Correlation of the bits: blue −1, white 0, red 1")
        #expect(browser.complaints.isEmpty && browser.requests.allSatisfy { $0.hasPrefix("file:") })
    }

    @Test func bucketsOfEverySubstringAreShown() throws {
        try space.writeCodes("c.npy", count: 20_000, bits: 64)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        let statistics = try Store.open(at: space.file("s.hashdb"), access: .readOnly).read {
            try $0.statistics(occupancy: true)
        }
        let segment = try #require(statistics.segments.first)
        try #require(segment.substrings > 0)
        let browser = try browser(showing: "s.hashdb")
        let rows = try table("buckets by the codes in them", browser)
        for substring in 1...segment.substrings {
            #expect(try rows.reduce(0) { $0 + (try number($1[substring])) } == 1 << segment.substringBits)
        }
        #expect(try browser.isSeen(".charts svg"))
        #expect(
            try browser.value(of: "document.querySelector('.charts svg').textContent.includes('codes in a bucket')"))
        #expect(try browser.value(of: "document.querySelectorAll('.charts')[1].querySelectorAll('path').length > 3"))
        // The text under the drawing says what was drawn at random.
        #expect(try browser.text("main").contains("200,000 pairs of 20,000 codes, drawn at random with seed 1"))
        let again = try Data(contentsOf: URL(fileURLWithPath: space.file("page.html")))
        #expect(try space.tool.run("stats", "s.hashdb", "--html", "page.html").status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: space.file("page.html"))) == again)
    }

    @Test func anEmptyStoreHasAPage() throws {
        _ = try Store.create(at: space.file("e.hashdb"), bitWidth: 64)
        let browser = try browser(showing: "e.hashdb")
        #expect(try browser.text("main").contains("There are no codes."))
        #expect(try space.tool.run("stats", "e.hashdb", "--html", "no/such/page.html").status == 1)
    }
}
