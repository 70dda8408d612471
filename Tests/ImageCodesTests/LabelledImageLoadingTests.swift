import Foundation
import HashNets
import ImageCodes
import Testing

@Suite struct LabelledImageLoadingTests {
    private let directory: TemporaryDirectory
    private let shape = ImageShape(channels: 3, height: 4, width: 5)

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A file of one colour, whose first pixel tells it again.
    private func write(_ colour: UInt8, to name: String) throws {
        let samples = TestImages.plain([colour, colour, colour], width: 10, height: 10)
        try directory.write(TestImages.encode(samples, width: 10, height: 10, bands: 3, as: ".png"), to: name)
    }

    private func load() throws -> (images: LabelledImages, log: [String]) {
        var log: [String] = []
        let images = try loadLabelledImages(at: directory.path.string, shape: shape) { log.append($0) }
        return (images, log)
    }

    private func firsts(_ images: LabelledImages) -> [UInt8] {
        stride(from: 0, to: images.pixels.count, by: shape.count).map { images.pixels[$0] }
    }

    @Test func foldersAreClassesInTheOrderOfTheirNames() throws {
        try write(3, to: "dog/a.png")
        try write(1, to: "cat/b.png")
        try write(2, to: "cat/c/d.png")
        try write(9, to: "notes.png")
        let (images, log) = try load()
        #expect(images.classNames == ["cat", "dog"] && images.labels == [0, 0, 1] && images.shape == shape)
        #expect(images.pixels.count == 3 * shape.count && firsts(images) == [1, 2, 3] && log.isEmpty)
    }

    @Test func trainAndTestArePooled() throws {
        try write(1, to: "train/cat/1.png")
        try write(3, to: "train/dog/1.png")
        try write(2, to: "test/cat/1.png")
        try write(4, to: "test/dog/1.png")
        let images = try load().images
        #expect(
            images.classNames == ["cat", "dog"] && images.labels == [0, 0, 1, 1] && firsts(images) == [1, 2, 3, 4])
        #expect(images.isTest == [false, true, false, true])
    }

    @Test func valIsTheTestPartWhereThereIsNoOther() throws {
        for (number, name) in ["train/cat/1.png", "val/cat/1.png", "train/dog/1.png", "val/dog/1.png"].enumerated() {
            try write(UInt8(number), to: name)
        }
        let images = try load().images
        #expect(firsts(images) == [0, 1, 2, 3] && images.isTest == [false, true, false, true])
    }

    @Test func undivided() throws {
        try write(1, to: "cat/1.png")
        try write(2, to: "dog/1.png")
        #expect(try load().images.isTest.isEmpty)
    }

    @Test func tinyImageNetTellsClassesOfItsValidationPartInAList() throws {
        try write(1, to: "train/n01/images/n01_0.png")
        try directory.write(Array("n01_0.png\t0\t0\t3\t3\n".utf8), to: "train/n01/n01_boxes.txt")
        try write(3, to: "train/n02/images/n02_0.png")
        try write(4, to: "val/images/val_0.png")
        try write(2, to: "val/images/val_1.png")
        // The unlabelled test part of the original.
        try write(9, to: "test/images/test_0.png")
        try directory.write(
            Array("val_0.png\tn02\t0\t0\t3\t3\r\nval_1.png\tn01\n\n".utf8), to: "val/val_annotations.txt")
        let (images, log) = try load()
        #expect(images.classNames == ["n01", "n02"] && images.labels == [0, 0, 1, 1] && log.isEmpty)
        #expect(firsts(images) == [1, 2, 3, 4] && images.isTest == [false, true, false, true])
        for (line, text) in [(1, "val_0.png"), (2, "val_0.png\tn02\nval_1.png\tn03")] {
            try directory.write(Array(text.utf8), to: "val/val_annotations.txt")
            let error = #expect(throws: ImageCodesError.self) { try load() }
            guard case .listInvalid(_, line, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func trainAndTestWithoutFoldersAreClassesThemselves() throws {
        try write(2, to: "train/steam.png")
        try write(1, to: "test/blood.png")
        #expect(try load().images.classNames == ["test", "train"])
    }

    @Test func trainAndTestOfDifferentClassesAreRefused() throws {
        try write(1, to: "train/cat/1.png")
        try write(1, to: "train/dog/1.png")
        try write(1, to: "test/cat/1.png")
        try write(1, to: "test/emu/1.png")
        let expected = ImageCodesError.classesDiffer(
            path: directory.path.description, onlyInTrain: ["dog"], onlyInTest: ["emu"])
        #expect(throws: expected) { try load() }
    }

    @Test func filesThatCannotBeDecodedAreNamedAndLeftOut() throws {
        for index in 0..<50 { try write(UInt8(index), to: "\(index < 25 ? "cat" : "dog")/\(index + 10).png") }
        try directory.write(Array("text".utf8), to: "cat/10.png")
        try directory.write([], to: "cat/30.png")
        try directory.write([0xFF, 0xD8, 0xFF, 0], to: "dog/59.png")
        let (images, log) = try load()
        #expect(images.labels == Array(repeating: 0, count: 23) + Array(repeating: 1, count: 24))
        #expect(firsts(images) == (0..<50).filter { ![0, 20, 49].contains($0) }.map { UInt8($0) })
        #expect(log.count == 3 && log[0].contains("cat/10.png") && log[1].contains("empty file"))
    }

    @Test func classesWithoutImagesAreLeftOut() throws {
        try write(1, to: "ape/1.png")
        try directory.makeDirectory("bee")
        try directory.write([1], to: "cat/1.png")
        try write(2, to: "dog/1.png")
        let (images, log) = try load()
        #expect(images.classNames == ["ape", "dog"] && images.labels == [0, 1])
        #expect(
            log.count == 3 && log[1] == "bee: no images, class left out" && log[2] == "cat: no images, class left out")
    }

    @Test func fewerThanTwoClassesAreRefused() throws {
        #expect(throws: ImageCodesError.self) { try load() }
        try write(1, to: "cat/1.png")
        let expected = ImageCodesError.tooFewClasses(path: directory.path.description, found: ["cat"])
        #expect(throws: expected) { try load() }
        try directory.write([1], to: "dog/1.png")
        #expect(throws: expected) { try load() }
        try directory.remove("cat")
        #expect(throws: ImageCodesError.self) { try load() }
    }

    @Test func aTableMayHaveALineForEachLabel() throws {
        for name in ["a", "b", "c"] { try write(1, to: "\(name).png") }
        let table = try directory.write(
            Array("a.png\tred, car\nb.png\tred\na.png\tnew,,\nc.png\t\n".utf8), to: "labels.tsv")
        let images = try loadLabelledImages(at: directory.path.string, table: table.string, shape: shape)
        #expect(images.classNames == ["car", "new", "red"])
        #expect(images.labelSets == [[0, 1, 2], [2], []])
        try directory.write(Array("a.png\tred\n".utf8), to: "labels.tsv")
        #expect(throws: ImageCodesError.tooFewLabels(path: table.string, found: ["red"])) {
            try loadLabelledImages(at: directory.path.string, table: table.string, shape: shape)
        }
    }

    @Test func labelsThatAreOneAsTextAreTwo() throws {
        for name in ["a", "b"] { try write(1, to: "\(name).png") }
        let table = try directory.write(Array("a.png\te\u{301}\nb.png\t\u{E9}\n".utf8), to: "labels.tsv")
        let images = try loadLabelledImages(at: directory.path.string, table: table.string, shape: shape)
        #expect(images.labelSets == [[0], [1]] && images.classNames.map(\.utf8.count) == [3, 2])
    }

    @Test func labelsThatAreNotUTF8AreRefused() throws {
        for name in ["a", "b"] { try write(1, to: "\(name).png") }
        let table = try directory.write(
            Array("a.png\tred\nb.png\tgr".utf8) + [0xFC] + Array("n\n".utf8), to: "labels.tsv")
        let error = #expect(throws: ImageCodesError.self) {
            try loadLabelledImages(at: directory.path.string, table: table.string, shape: shape)
        }
        #expect(error?.description.hasPrefix("\(table.string), line 2: gr\\xFCn is not UTF-8;") == true)
    }

    @Test func aMissingDirectoryIsNamed() {
        #expect(throws: ImageCodesError.notFound(path: "/no/such/directory")) {
            try loadLabelledImages(at: "/no/such/directory", shape: shape)
        }
    }

    #if os(Linux)
        /// é in two ways; other systems take both for one name.
        @Test func foldersThatAreOneAsTextAreTwoClasses() throws {
            let names = ["e\u{301}", "\u{E9}"]
            for (number, name) in names.enumerated() {
                try write(UInt8(number), to: "train/\(name)/images/0.png")
                try write(UInt8(number + 2), to: "val/images/\(number).png")
            }
            try directory.write(
                Array("0.png\t\(names[0])\n1.png\t\(names[1])\n".utf8), to: "val/val_annotations.txt")
            let images = try load().images
            #expect(images.labels == [0, 0, 1, 1] && firsts(images) == [0, 2, 1, 3])
        }

        @Test func foldersThatAreNotUTF8KeepTwoNames() throws {
            try write(1, to: "cat/0.png")
            let picture = try TestImages.picture(seed: 1)
            for last in [0xE8, 0xE9] as [UInt8] {
                let folder = directory.path.appending([0x63, last])
                // Not every file system takes such names.
                guard folder.withCString({ mkdir($0, 0o700) }) == 0 else { return }
                #expect(folder.appending("0.png".utf8).write(picture))
            }
            #expect(try load().images.classNames == ["cat", "c\\xE8", "c\\xE9"])
        }
    #endif
}
