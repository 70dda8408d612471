import Foundation
import ImageCodes
import Testing

@Suite struct GalleryPageTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func page(_ queries: [GalleryQuery], title: String = "photos.hashdb") throws -> String {
        let path = directory["page.html"].string
        try GalleryPage(title: title, bitWidth: 64).write(queries, to: path)
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    private func neighbour(_ path: ImagePath?, id: UInt64 = 7, distance: Int = 3) -> GalleryQuery.Neighbour {
        GalleryQuery.Neighbour(id: id, distance: distance, path: path)
    }

    /// The images in the page, decoded from its text.
    private func thumbnails(in page: String) throws -> [ImageThumbnail] {
        try page.matches(of: /src="data:image\/jpeg;base64,([^"]+)"/).map { match in
            let data = try #require(Data(base64Encoded: String(match.1)))
            return try ImageThumbnail(of: [UInt8](data), named: ImagePath("thumbnail"), side: 1_000)
        }
    }

    @Test func thumbnailsOfQueryAndNeighboursAreInThePage() throws {
        let query = try directory.write(TestImages.picture(seed: 1, width: 600, height: 300), to: "query.png")
        let found = try directory.write(TestImages.picture(seed: 2, width: 30, height: 60), to: "found.png")
        let page = try page([GalleryQuery(label: "query.png", image: query, neighbours: [neighbour(found)])])
        #expect(try thumbnails(in: page).map { [$0.width, $0.height] } == [[240, 120], [30, 60]])
        #expect(page.contains("distance <strong>3</strong> of 64 bits, id 7") && page.contains(found.description))
        #expect(page.contains("<a href=\"file:///") && page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    }

    @Test func namesCannotBreakOut() throws {
        let name = "<script>alert(1)</script>\"'&.png"
        let path = try directory.write(TestImages.picture(seed: 1), to: name.replacingOccurrences(of: "/", with: "\\"))
        let page = try page([GalleryQuery(label: name, image: path, neighbours: [neighbour(path)])], title: name)
        #expect(
            page.components(separatedBy: "<script").count == 2 && !page.contains("\"'&")
                && page.contains("&lt;script&gt;alert(1)"))
        #expect(page.contains("%3Cscript%3E"))
    }

    @Test func nothingIsLoadedFromElsewhere() throws {
        let path = try directory.write(TestImages.picture(seed: 1), to: "a.png")
        let page = try page([GalleryQuery(label: "a", image: path, neighbours: [neighbour(path)])])
        #expect(
            !page.contains("http:") && !page.contains("https:") && !page.contains("<link") && !page.contains("url("))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func whatCannotBeShownIsSaid() throws {
        let text = try directory.write(Array("text".utf8), to: "text.jpg")
        let neighbours = [neighbour(text), neighbour(directory["gone.jpg"]), neighbour(nil, id: 99)]
        let page = try page([GalleryQuery(label: "00ff", image: nil, neighbours: neighbours)])
        #expect(
            page.contains("not an image of a known format") && page.contains("no such file")
                && page.contains("no file known"))
        #expect(page.contains("id 99") && !page.contains("<img"))
    }

    @Test func namesThatAreNotTextAreShownAndLinked() throws {
        let path = directory.path.appending([0xFF] + Array(".png".utf8))
        let page = try page([GalleryQuery(label: "q", image: nil, neighbours: [neighbour(path)])])
        #expect(page.contains("\\xFF.png"))
    }

    @Test func manyQueriesAndNoAnswersAreShown() throws {
        let queries = (0..<20).map { GalleryQuery(label: "query \($0)", image: nil, neighbours: []) }
        let page = try page(queries)
        #expect(page.components(separatedBy: "Nothing found.").count == 21)
    }

    @Test func aPageThatCannotBeWrittenIsAnErrorAndLeavesNothing() throws {
        let path = directory["no/such/page.html"].string
        #expect(throws: ImageCodesError.unwritable(path: path, reason: "No such file or directory")) {
            try GalleryPage(title: "", bitWidth: 8).write([], to: path)
        }
        try directory.makeDirectory("taken/x")
        #expect(throws: ImageCodesError.self) {
            try GalleryPage(title: "", bitWidth: 8).write([], to: directory["taken"].string)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path.string) == ["taken"])
    }
}
