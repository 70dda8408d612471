import Testing

import ImageCodes

/// Which files are taken for one thing, going by their names.
@Suite struct CompanionsTests {
    @Test func namesAreOneButForCapitalsAndEnding() throws {
        let directory = try TemporaryDirectory()
        for name in ["IMG_1.JPG", "img_1.xmp", "IMG_1.jpg.XMP", "IMG_1.MOV", "IMG_10.xmp", "IMG_1", "IMG.xmp"] {
            try directory.write([1], to: name)
        }
        let found = Companions(of: directory["IMG_1.JPG"])
        #expect(found.sidecars == ["IMG_1.jpg.XMP", "img_1.xmp"].map { directory[$0] })
        #expect(found.others == ["IMG_1", "IMG_1.MOV"].map { directory[$0] })
    }

    /// As texts they are equal: U+FFFD stands for what is not UTF-8, and both forms of a letter are one character.
    @Test(arguments: [
        (Array("a".utf8) + [0xFF], Array("a".utf8) + [0xFE]), (Array("\u{e9}".utf8), Array("e\u{301}".utf8)),
    ])
    func namesOfOtherBytesAreNotOne(own: [UInt8], other: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        let names = [own + Array(".jpg".utf8), own + Array(".xmp".utf8), other + Array(".xmp".utf8)]
        let paths = names.map { directory.path.appending($0) }
        // Not every file system has such names.
        guard paths.allSatisfy({ $0.write([1]) }) else { return }
        let found = Companions(of: paths[0])
        #expect(found.sidecars == [paths[1]] && found.others.isEmpty)
    }
}
