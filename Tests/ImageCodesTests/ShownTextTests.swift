import ImageCodes
import Testing

/// Names that would do something to a terminal.
@Suite struct ShownTextTests {
    @Test(arguments: [
        ("a\u{1b}]0;x\u{7}", "a\\x1B]0;x\\x07"), ("\u{7f}", "\\x7F"), ("a\u{9b}31m", "a\\xC2\\x9B31m"),
        ("x\u{202e}gpj", "x\\xE2\\x80\\xAEgpj"), ("\u{2066}x\u{2069}", "\\xE2\\x81\\xA6x\\xE2\\x81\\xA9"),
        ("a\u{2028}b", "a\\xE2\\x80\\xA8b"), ("é 鳥 👩‍👧\u{a0}", "é 鳥 👩‍👧\u{a0}"), ("a\nb\tc", "a\\nb\\tc"),
    ])
    func pathsAreShownWithoutControlCharacters(text: String, shown: String) {
        #expect(ImagePath(text).description == shown)
    }

    @Test func aReportShowsNoneAndLeadsBack() throws {
        let path = ImagePath("/a\u{202e}gpj\u{9b}31m\u{2069}.jpg")
        let image = DuplicateReport.Image(
            mark: .keep, why: "largest", distance: 0, path: path,
            content: ImageContent(hash: ContentHash(high: 1, low: 2), size: 3), width: 4, height: 5,
            modificationTime: 0, file: FileNumber(device: 6, inode: 7))
        var report = DuplicateReport(
            store: ImagePath("/s"), model: "pdq\n\u{1b}", tier: .near, radius: 31, bits: 256)
        report.groups = [.init(images: [image], tier: .near)]
        let text = report.text
        #expect(text.unicodeScalars.allSatisfy { $0.isASCII && ($0.value >= 0x20 || $0 == "\n") })
        #expect(try DuplicateReport(parsing: text, named: "report").groups == report.groups)
    }

    @Test func anErrorOfAForeignReportShowsNone() {
        let error = #expect(throws: ReportError.self) {
            try DuplicateReport(parsing: "{\"format\": \"\\u001b[2J\"}", named: "report")
        }
        #expect(error?.description.contains("its format is \\x1B[2J") == true)
    }
}
