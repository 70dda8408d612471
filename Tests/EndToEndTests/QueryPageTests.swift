import Foundation
import Testing

/// What is seen of `query --html` in a browser.
@Suite(.enabled(if: Browser.path != nil, "needs Chromium")) struct QueryPageTests {
    private let space: Workspace
    private let browser: Browser

    /// A page of two images asked for, with three neighbours each, and a code.
    init() throws {
        space = try Workspace()
        try space.writePictures("in", count: 6)
        try space.writeModel("m.safetensors")
        #expect(try space.tool.run("ingest", "s.hashdb", "in", "--model", "m.safetensors").status == 0)
        let query = ["in/002.ppm", "in/004.ppm", "-k", "3", "--html", "page.html"]
        let command = [Tool.path, "query", "s.hashdb"] + query + ["--model", "m.safetensors"]
        #expect(try space.tool.start(command).finish().status == 0)
        browser = try Browser(space)
        try browser.open(space.file("page.html"))
    }

    /// The name of the image that has the focus, and whether it is ringed.
    private func focused() throws -> String {
        try browser.value(
            of: """
                (figure => !figure || figure.tagName !== "FIGURE" ? "nothing" :
                  `${sections.indexOf(figure.closest("section"))} ${figure.querySelector(".path").innerText.split("/").pop()}`
                  + (getComputedStyle(figure).outlineStyle === "solid" ? "" : " unringed"))(document.activeElement)
                """)
    }

    @Test func imagesAndDistancesAreSeen() throws {
        #expect(
            try browser.value(of: "[...document.images].filter(image => image.naturalWidth === 48 && image.alt).length")
                == 8)
        #expect(
            try browser.isSeen("figure.query img") && browser.isSeen("section:nth-of-type(2) figure:last-of-type img"))
        let captions: [String] = try browser.value(
            of: "[...document.querySelectorAll('figcaption strong')].map(e => e.innerText)")
        #expect(captions.count == 8 && captions[0] == "Query" && captions[1] == "0" && captions[4] == "Query")
        #expect(try browser.text("section figure:nth-of-type(2)").contains("distance 0 of 64 bits, id 2"))
        #expect(try browser.text("h1").hasSuffix("s.hashdb"))
        #expect(
            browser.complaints.isEmpty && browser.requests.allSatisfy { $0.hasPrefix("file:") || $0.hasPrefix("data:") }
        )
    }

    @Test func keysMoveBetweenImagesAndQueries() throws {
        #expect(try focused() == "nothing")
        try browser.press("ArrowRight")
        #expect(try focused() == "0 002.ppm")
        try browser.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
        #expect(try focused() == "1 004.ppm")
        try browser.press("ArrowLeft")
        #expect(try focused().hasPrefix("0 "))
        try browser.press("j")
        #expect(try focused() == "1 004.ppm")
        try browser.press("j", "ArrowDown")
        #expect(try focused() == "1 004.ppm")
        try browser.press("k")
        #expect(try focused() == "0 002.ppm")
        try browser.press("ArrowDown", "ArrowUp", "ArrowLeft")
        #expect(try focused() == "0 002.ppm")
        try browser.press("Tab")
        #expect(try focused() == "0 002.ppm" && browser.value(of: "figures.indexOf(document.activeElement)") == 1)
    }

    @Test func enterShowsAnImageBesideItsQuery() throws {
        try browser.press("j", "ArrowRight", "ArrowRight", "Enter")
        #expect(
            try browser.isSeen("#close-up .side:nth-child(1) img") && browser.isSeen("#close-up .side:nth-child(2) img")
        )
        #expect(try browser.text("#close-up .side:nth-child(1)").hasPrefix("Query"))
        #expect(try browser.text("#close-up .side:nth-child(2)").hasPrefix("distance "))
        // The browser cannot show the originals, which are PPM files: the thumbnails take their places, as large as the window allows.
        #expect(try browser.value(of: "closeUp.querySelector('.side:nth-child(2) img').naturalWidth") == 48)
        #expect(try browser.value(of: "closeUp.querySelector('.side:nth-child(2) img').clientHeight > 400"))
        try browser.press("Enter")
        #expect(try browser.value(of: "closeUp.querySelector('.side:nth-child(2) img').clientWidth") == 48)
        try browser.press("ArrowRight")
        let shown = try browser.text("#close-up .side:nth-child(2)")
        #expect(try browser.value(of: "closeUp.querySelector('.side:nth-child(2) img').clientHeight > 400"))
        try browser.press("Escape")
        #expect(try !browser.isSeen("#close-up"))
        #expect(try browser.value(of: "document.activeElement.querySelector('figcaption').innerText") == shown)
        // The query alone is beside nothing.
        try browser.press("k", "Enter")
        #expect(try browser.value(of: "closeUp.querySelectorAll('img').length") == 1)
        try browser.press("Escape")
        try browser.click("section figure:nth-of-type(2) img")
        #expect(try browser.isSeen("#close-up .side:nth-child(2) img"))
        try browser.click("#close-up button")
        #expect(try !browser.isSeen("#close-up") && browser.complaints.isEmpty)
    }

    @Test func aQuestionMarkShowsTheKeys() throws {
        #expect(try !browser.isSeen("#help"))
        try browser.press("?")
        #expect(try browser.isSeen("#help") && browser.text("#help").contains("the next image, the one before"))
        try browser.press("ArrowRight")
        #expect(try browser.isSeen("#help") && focused() == "nothing")
        try browser.press("Escape")
        #expect(try !browser.isSeen("#help"))
        try browser.click("#keys")
        #expect(try browser.isSeen("#help"))
        try browser.press("?")
        #expect(try !browser.isSeen("#help"))
    }

    @Test func darkPagesAreDark() throws {
        let colours = "(style => `${style.color} on ${style.backgroundColor}`)(getComputedStyle(document.body))"
        try browser.prefer("light")
        #expect(try browser.value(of: colours) == "rgb(27, 27, 27) on rgb(255, 255, 255)")
        try browser.prefer("dark")
        #expect(try browser.value(of: colours) == "rgb(238, 238, 238) on rgb(22, 22, 22)")
    }
}
