import Foundation
import TestSupport
import Testing

import ImageCodes

@Suite struct DuplicateReportTests {
    private func image(
        _ path: ImagePath, _ mark: DuplicateReport.Mark = .drop, why: String = "near", width: Int = 4, height: Int = 3,
        size: UInt64 = 10, time: Int64 = 0, inode: UInt64 = 7
    ) -> DuplicateReport.Image {
        .init(
            mark: mark, why: why, distance: 5, path: path,
            content: ImageContent(hash: ContentHash(of: path.bytes), size: size), width: width, height: height,
            modificationTime: time, file: FileNumber(device: 3, inode: inode))
    }

    private var report: DuplicateReport {
        let odd = ImagePath(bytes: Array("/a b/\\x41 #\n\t".utf8) + [0xFF, 0x80] + Array("é  ".utf8))
        var report = DuplicateReport(
            store: ImagePath("/st ore.hashdb"), model: "pdq 1", tier: .near, radius: 31, bits: 256)
        report.groups = [
            .init(
                images: [
                    image(odd, .keep, why: "most-pixels"), image(ImagePath("/x"), time: 1_700_000_000_000_000_000),
                ],
                tier: .near),
            .init(images: [image(ImagePath("/  y"), .keep, why: "largest"), image(ImagePath("/z"))], tier: .sameBytes),
        ]
        return report
    }

    @Test func textAndJSONLeadBackToTheReport() throws {
        #expect(try DuplicateReport(parsing: report.text, named: "r") == report)
        #expect(try DuplicateReport(parsing: report.json, named: "r") == report)
    }

    @Test func pathsInJSONAreThoseOfOtherCommands() throws {
        let bytes = Array("/é\\\u{1f480}\n".utf8) + [0xFF, 0x80] + Array("a".utf8) + [0xE2, 0x82]
        var report = report
        report.groups = [
            .init(images: [image(ImagePath(bytes: bytes), .keep), image(ImagePath("/\\u0000ff"))], tier: .near)
        ]
        #expect(report.json.contains(#""path" : "/é\\\#u{1f480}\n\udcff\udc80a\udce2\udc82","#))
        #expect(report.json.contains(#""path" : "/\\u0000ff","#))
        #expect(try DuplicateReport(parsing: report.json, named: "r") == report)
        // As others may write it.
        let ascii = report.json.replacingOccurrences(of: "\u{1f480}", with: #"\ud83d\udc80"#)
            .replacingOccurrences(of: "udcff", with: "uDCFF")
        #expect(try DuplicateReport(parsing: ascii, named: "r") == report)
    }

    @Test func jsonHasAMemberALine() {
        var report = report
        report.groups = [.init(images: [image(ImagePath("/a"), .keep, why: "largest")], tier: .near)]
        let json = """
            {
              "bits" : 256,
              "format" : "hashdb duplicates 2",
              "groups" : [
                {
                  "images" : [
                    {
                      "content" : "\(ContentHash(of: Array("/a".utf8)))",
                      "device" : 3,
                      "distance" : 5,
                      "height" : 3,
                      "inode" : 7,
                      "mark" : "keep",
                      "modified" : "1970-01-01T00:00:00Z",
                      "path" : "/a",
                      "size" : 10,
                      "why" : "largest",
                      "width" : 4
                    }
                  ],
                  "tier" : "near"
                }
              ],
              "model" : "pdq 1",
              "radius" : 31,
              "returned" : [],
              "rule" : "every two images of a group differ in at most 31 of 256 bits",
              "store" : "/st ore.hashdb",
              "tier" : "near"
            }

            """
        #expect(report.json == json)
    }

    @Test func otherMembersInJSONArePassedOver() throws {
        let json = report.json
            .replacingOccurrences(of: #""mark" :"#, with: #""note" : {"a": [null, 1.5]}, "mark" :"#)
            .replacingOccurrences(of: #""width" : 4"#, with: #""width" : 4.0"#)
        #expect(try DuplicateReport(parsing: json, named: "r") == report)
    }

    @Test func jsonOfTheFirstVersionIsRead() throws {
        var report = report
        report.groups.removeFirst()
        let json = report.json.replacingOccurrences(of: "duplicates 2", with: "duplicates 1")
            .replacingOccurrences(of: #""path" : "/z""#, with: #""path" : "/\\\\x5c\\xff""#)
        let path = try DuplicateReport(parsing: json, named: "r").groups[0].images[1].path
        #expect(path == ImagePath(bytes: Array("/\\x5c".utf8) + [0xFF]))
    }

    @Test(
        arguments: [
            (1, "1970-01-01T00:00:00.000000001Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (1_700_000_000_250_000_000, "2023-11-14T22:13:20.25Z"), (-2_000_000_000, "1969-12-31T23:59:58Z"),
        ] as [(Int64, String)])
    func timesKeepTheirFraction(time: Int64, text: String) throws {
        var report = report
        report.groups = [.init(images: [image(ImagePath("/a"), time: time)], tier: .near)]
        #expect(report.text.contains("  \(text)  ") && report.json.contains("\"\(text)\""))
        #expect(try DuplicateReport(parsing: report.text, named: "r") == report)
        #expect(try DuplicateReport(parsing: report.json, named: "r") == report)
        for wrong in ["2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.1234567890Z", "2023-11-14T22:13:20.+1Z"] {
            let changed = report.text.replacingOccurrences(of: text, with: wrong)
            #expect(throws: ReportError.self) { try DuplicateReport(parsing: changed, named: "r") }
        }
    }

    @Test func aMarkOfTheEncodingIsPassedOver() throws {
        for text in [report.text, report.json] {
            #expect(try DuplicateReport(parsing: "\u{feff}" + text, named: "r") == report)
        }
    }

    @Test func aLostGroupLineJoinsNoGroups() throws {
        var lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex(of: "group 2 same-bytes"))
        lines.remove(at: place)
        let error = #expect(throws: ReportError.self) {
            try DuplicateReport(parsing: lines.joined(separator: "\n"), named: "r")
        }
        #expect(error?.line == place + 1 && error?.reason.contains("of no group") == true)
    }

    @Test func whatIsWrongInJSONIsSaid() {
        for (old, new, reason) in [
            (#""mark" : "drop""#, #""mark" : "Drop""#, #""Drop" is neither keep nor drop"#),
            (#""tier" : "same-bytes""#, #""tier" : "same""#, #""same" is no tier"#),
            (#""width" : 4"#, #""width" : "4""#, "groups 1 images 1 width is not what it should be"),
            (#""width" : 4"#, #""width" : -1"#, #"a field of /a b"#),
            (#""inode" : 7,"#, "", "groups 1 images 1 inode is missing"),
            (#""bits" : 256"#, #""bits" : 256.5"#, "bits is not what it should be"),
            (#""size" : 10"#, #""size" : 1e30"#, "groups 1 images 1 size is not what it should be"),
            (#""path" : "/x""#, #""path" : "/x\u0000ff""#, "is no absolute path"),
            ("duplicates 2", "duplicates 3", "its format is hashdb duplicates 3, not hashdb duplicates 2"),
            (#""format" : "hashdb duplicates 2","#, "", "format is missing"),
            ("\n}", "", "cut off or damaged"),
        ] {
            let changed = report.json.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: changed, named: "r.json") }
            #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test func marksMayBeEditedAndLinesDeleted() throws {
        var lines = report.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let place = try #require(lines.firstIndex { $0.hasSuffix("/x") })
        lines[place] = "\tkeep " + lines[place].trimmingCharacters(in: .whitespaces).dropFirst(4) + "\r"
        lines.removeAll { $0.hasSuffix("/z") }
        let edited = try DuplicateReport(parsing: lines.joined(separator: "\n"), named: "r")
        #expect(edited.groups.map { $0.images.map(\.mark) } == [[.keep, .keep], [.keep]])
        #expect(edited.groups[0].images[1].path == ImagePath("/x"))
    }

    @Test(
        arguments: [
            ("", 1), ("# hashdb duplicates, version 2\n", 1), ("{", nil), ("{\"format\": \"x\"}", nil),
            ("# hashdb duplicates, version 1\n  keep a\n", 2), ("# hashdb duplicates, version 1\ngroup 1 odd\n", 2),
            (
                "# hashdb duplicates, version 1\n# store /s\n# tier near, radius 3 of 8 bits\ngroup 1 near\n"
                    + "  maybe near 0 1x1 1 2026-01-01T00:00:00Z 00000000000000000000000000000000 1:1 /a\n", 5
            ),
            (
                "# hashdb duplicates, version 1\n# store /s\n# tier near, radius 3 of 8 bits\ngroup 1 near\n"
                    + "  drop near 0 1x1 1 2026-01-01T00:00:00Z 00000000000000000000000000000000 1:1 a\n", 5
            ),
            ("# hashdb duplicates, version 1\n# tier near, radius 3 of 8 bits\n", nil),
        ] as [(String, Int?)])
    func whatIsNoReportIsRefusedByLine(text: String, line: Int?) {
        let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: text, named: "r.txt") }
        #expect(error?.line == line && error?.description.hasPrefix("r.txt") == true)
    }

    @Test func whatIsMendedInAnEditorIsNotMadeAnew() throws {
        let text = report.text
        for (old, new, advice) in [
            ("  drop  near", "  delete  near", "write keep or drop there"),
            ("  4x3  ", "  4  ", "mend the line, or delete it"),
            ("group 1 near\n", "group 1 near\n  keep\n", "mend the line, or delete it"),
            ("group 2 same-bytes", "group 2 same", "write it so; the tiers are same-bytes, "),
            ("\ngroup 1 near\n", "\n", "write that line, or delete the empty one"),
        ] {
            let changed = text.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: changed, named: "r") }
            #expect(error?.advice.hasPrefix(advice) == true, "\(String(describing: error))")
        }
        let json = report.json.replacingOccurrences(of: #""drop""#, with: #""delete""#)
        let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: json, named: "r") }
        #expect(error?.advice == "write keep or drop there" && error?.reason.contains("/x") == true)
    }

    @Test func aPageIsNoReport() {
        for page in ["<!DOCTYPE html>\n<html>", "\u{feff}\n <html>"] {
            let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: page, named: "r.html") }
            #expect(error?.reason.contains("a page for a web browser") == true && error?.line == nil)
        }
    }

    @Test func pathsThatLeadUpAreRefused() throws {
        for (path, isRight) in [
            ("/a/../etc/x", false), ("/..", false), ("/a/..", false), ("a/b", false), ("/a/..b/c", true),
            ("/a/b..", true),
        ] {
            let json = """
                {"format": "hashdb duplicates 1", "store": "/s", "model": "m", "tier": "near", "radius": 3, "bits": 64,
                "groups": [{"tier": "near", "images": [{"mark": "drop", "why": "x", "distance": 0, "path": "\(path)",
                "size": 18446744073709551615, "width": 2, "height": 3, "modified": "2026-01-02T03:04:05Z",
                "content": "000102030405060708090a0b0c0d0e0f", "device": 1, "inode": 2}]}]}
                """
            guard isRight else {
                let error = #expect(throws: ReportError.self) { try DuplicateReport(parsing: json, named: "r") }
                #expect(error?.description.contains("is no absolute path without ..") == true)
                continue
            }
            var report = try DuplicateReport(parsing: json, named: "r")
            #expect(try DuplicateReport(parsing: report.text, named: "r").groups[0].images[0].path.string == path)
            // Sizes that no files have together.
            report.groups.append(report.groups[0])
            #expect(report.dropBytes == .max && report.text.contains("\(UInt64.max) bytes"))
        }
    }

    @Test func anyCutOrFlippedReportIsReadOrRefused() {
        let text = Array(report.text.utf8)
        var numbers = SplitMix64(seed: 3)
        for _ in 0..<2000 {
            var bytes = Array(text.prefix(Int.random(in: 0...text.count, using: &numbers)))
            if !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= 1 << UInt8.random(in: 0..<7, using: &numbers)
            }
            _ = try? DuplicateReport(parsing: String(decoding: bytes, as: UTF8.self), named: "r")
        }
    }

    // MARK: What is kept

    @Test func ruleDecidesAndSaysWhat() {
        let images = [
            image(ImagePath("/b/1"), width: 10, height: 10, size: 50, time: 5),
            image(ImagePath("/a/2"), width: 10, height: 10, size: 60, time: 9),
            image(ImagePath("/a/3"), width: 9, height: 9, size: 90, time: 1),
        ]
        func choice(_ rule: KeepRule) -> [String] {
            let choice = rule.choice(of: images)
            return ["\(choice.index)", choice.why]
        }
        #expect(choice(KeepRule()) == ["1", "largest"])
        #expect(choice(KeepRule(.largest)) == ["2", "largest"])
        #expect(choice(KeepRule(.oldest)) == ["2", "oldest"])
        #expect(choice(KeepRule(.newest)) == ["1", "newest"])
        #expect(choice(KeepRule(.firstPath)) == ["1", "first-path"])
        #expect(choice(KeepRule(.largest, under: ImagePath("/b"))) == ["0", "under"])
        #expect(choice(KeepRule(.mostPixels, under: ImagePath("/a"))) == ["1", "most-pixels"])
        #expect(choice(KeepRule(.oldest, under: ImagePath("/nowhere"))) == ["2", "oldest"])
    }
}
