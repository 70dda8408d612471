import Foundation
import HashNets
import ImageCodes
import Testing

@Suite struct DirectoryWalkerTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// What a walk tells: the files, and what was skipped with the reasons; paths below the directory.
    private func walk(
        _ roots: [ImagePath]? = nil, options: DirectoryWalker.Options = .init()
    ) throws -> (files: [String], skipped: [String: SkipReason], counts: [SkipReason: Int]) {
        var walker = try DirectoryWalker(roots: roots ?? [directory.path], options: options)
        var files: [String] = []
        var skipped: [String: SkipReason] = [:]
        func name(_ path: ImagePath) -> String { String(path.description.dropFirst(directory.path.bytes.count + 1)) }
        while let event = walker.next() {
            switch event {
            case .file(let file): files.append(name(file.path))
            case .skipped(let path, let reason): skipped[name(path)] = reason
            }
        }
        return (files, skipped, walker.skipped)
    }

    private func touch(_ names: String...) throws {
        for name in names { try directory.write([1], to: name) }
    }

    @Test func filesComeInTheOrderOfTheirNamesBytes() throws {
        try touch("b.jpg", "a/2.jpg", "a/10.jpg", "c.jpg", "B.jpg", "a.jpg", "é.jpg", "a/b/1.jpg")
        let expected = ["B.jpg", "a/10.jpg", "a/2.jpg", "a/b/1.jpg", "a.jpg", "b.jpg", "c.jpg", "é.jpg"]
        #expect(try walk().files == expected)
    }

    @Test func imagesAreKnownByTheEndsOfTheirNames() throws {
        try touch("a.JPG", "b.jpeg", "c.HeIc", "c.NEF", "d.txt", "e", "f.svg", "g.tar.png", ".png", "jpg")
        let (files, skipped, counts) = try walk()
        #expect(files == ["a.JPG", "b.jpeg", "c.HeIc", "c.NEF", "g.tar.png"])
        #expect(
            skipped == [
                "d.txt": .notAnImage, "e": .notAnImage, "f.svg": .formatNotRead, ".png": .hidden, "jpg": .notAnImage,
            ])
        #expect(counts == [.notAnImage: 3, .formatNotRead: 1, .hidden: 1])
    }

    @Test func hiddenAndDeletedThingsAreCountedAndNotEntered() throws {
        try touch(".thumbnails/1.jpg", ".2.jpg", "$RECYCLE.BIN/3.jpg", "lost+found/4.jpg", "5.jpg")
        let (files, skipped, _) = try walk()
        #expect(files == ["5.jpg"])
        #expect(skipped == [".thumbnails": .hidden, ".2.jpg": .hidden, "$RECYCLE.BIN": .trash, "lost+found": .trash])
        var options = DirectoryWalker.Options()
        options.includesHidden = true
        #expect(try walk(options: options).files == [".2.jpg", ".thumbnails/1.jpg", "5.jpg"])
    }

    @Test func aHiddenRootIsWalked() throws {
        try touch(".photos/1.jpg")
        #expect(try walk([directory[".photos"]]).files == [".photos/1.jpg"])
    }

    @Test func linksAreNotFollowedExceptInTheRoot() throws {
        try touch("real/1.jpg")
        for (link, target) in [
            ("link", "real"), ("real/up", ".."), ("2.jpg", "real/1.jpg"), ("real/broken.jpg", "nothing"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: directory[link].string, withDestinationPath: target)
        }
        let (files, skipped, _) = try walk()
        #expect(files == ["real/1.jpg"])
        #expect(skipped["link"] == .symbolicLink && skipped["real/up"] == .symbolicLink)
        #expect(try walk([directory["link"]]).files == ["real/1.jpg"])
    }

    @Test func pipesAndSocketsAreSkippedWithoutOpeningThem() throws {
        try touch("1.jpg")
        try check(mkfifo(directory["pipe.jpg"].string, 0o600), "mkfifo")
        try check(mknod(directory["socket.jpg"].string, S_IFSOCK | 0o600, 0), "mknod")
        let (files, skipped, _) = try walk()
        #expect(files == ["1.jpg"])
        #expect(skipped == ["pipe.jpg": .special, "socket.jpg": .special])
    }

    /// With the numbers of /dev/zero, which never ends.
    private static func makeDevice(_ path: ImagePath) -> Int32 {
        mknod(path.string, S_IFCHR | 0o600, dev_t(1 << 8 | 5))
    }

    private static let mayMakeDevices: Bool = {
        guard isSuperuser, let directory = try? TemporaryDirectory() else { return false }
        return withExtendedLifetime(directory) { makeDevice(directory["zero.jpg"]) == 0 || errno != EPERM }
    }()

    @Test(.enabled(if: mayMakeDevices, "only root may make devices, and not in every container"))
    func devicesAreSkippedWithoutOpeningThem() throws {
        try touch("1.jpg")
        try check(Self.makeDevice(directory["zero.jpg"]), "mknod")
        let (files, skipped, _) = try walk()
        #expect(files == ["1.jpg"] && skipped == ["zero.jpg": .special])
        let error = #expect(throws: ImageDecodingError.self) {
            try ImageDecoder(shape: ImageShape(channels: 3, height: 8, width: 8)).decode(
                path: directory["zero.jpg"].string)
        }
        #expect(error?.reason == .notAFile("a device"))
    }

    @Test func furtherNamesOfAFileAreToldOnlyOnRequest() throws {
        try touch("a/1.jpg")
        try check(link(directory["a/1.jpg"].string, directory["b.jpg"].string), "link")
        let (files, skipped, _) = try walk()
        #expect(files == ["a/1.jpg"] && skipped == ["b.jpg": .hardLink])
        var options = DirectoryWalker.Options()
        options.tellsHardLinksOnce = false
        #expect(try walk(options: options).files == ["a/1.jpg", "b.jpg"])
    }

    @Test func namesThatAreNotTextSurvive() throws {
        let names: [[UInt8]] = [
            [0xFF, 0xFE] + Array(".jpg".utf8), Array("line\nbreak.jpg".utf8), Array("caf\u{E9}.jpg".utf8),
        ]
        for name in names {
            let path = directory.path.appending(name)
            let descriptor = path.withCString { open($0, O_CREAT, 0o600) }
            try check(descriptor < 0 ? -1 : close(descriptor), "open")
        }
        var walker = try DirectoryWalker(roots: [directory.path])
        var found: Set<[UInt8]> = []
        while let event = walker.next() {
            if case .file(let file) = event {
                found.insert(Array(file.path.name))
                #expect(!file.path.description.contains("\n"))
            }
        }
        #expect(found == Set(names))
        #expect(ImagePath(bytes: names[0]).description == "\\xFF\\xFE.jpg")
        #expect(ImagePath(bytes: names[1]).description == "line\\nbreak.jpg")
        #expect(ImagePath(bytes: names[2]).description == "café.jpg")
    }

    @Test(.enabled(if: !isSuperuser)) func unreadableDirectoriesAreCounted() throws {
        try touch("a/1.jpg", "b/2.jpg")
        directory.chmod(directory["a"], 0)
        let (files, skipped, _) = try walk()
        #expect(files == ["b/2.jpg"] && skipped == ["a": .unreadable])
    }

    @Test func treesDeeperThanPathsMayBeAreCutOff() throws {
        // Made from within, since no path reaches the bottom.
        let name = String(repeating: "d", count: 200)
        var descriptor = open(directory.path.string, O_RDONLY | O_DIRECTORY)
        for _ in 0..<30 {
            try check(mkdirat(descriptor, name, 0o700), "mkdirat")
            let file = openat(descriptor, "1.jpg", O_CREAT, 0o600)
            let next = openat(descriptor, name, O_RDONLY | O_DIRECTORY)
            close(file)
            close(descriptor)
            descriptor = next
        }
        close(descriptor)
        let (files, _, counts) = try walk()
        #expect((18...22).contains(files.count))
        #expect(counts == [.pathTooLong: 1])
        // Foundation cannot remove such a tree by path; a shorter name at the top does not help, moving the halves does.
        try shorten(name)
    }

    /// Moves the lower half of the deep tree to the top, so that both can be removed.
    private func shorten(_ name: String) throws {
        let half = directory.path.string + String(repeating: "/" + name, count: 15)
        try check(rename(half, directory["lower"].string), "rename")
    }

    @Test func thousandsOfLevelsDoNotExhaustTheStackOrTheDescriptors() throws {
        var descriptor = open(directory.path.string, O_RDONLY | O_DIRECTORY)
        for _ in 0..<1_200 {
            try check(mkdirat(descriptor, "d", 0o700), "mkdirat")
            let next = openat(descriptor, "d", O_RDONLY | O_DIRECTORY)
            close(descriptor)
            descriptor = next
        }
        close(openat(descriptor, "1.jpg", O_CREAT, 0o600))
        close(descriptor)
        #expect(try walk().files.count == 1)
    }

    @Test func rootsWithinOthersAreWalkedOnce() throws {
        try touch("a/1.jpg", "ab/2.jpg")
        let roots = [directory["a"], directory.path, directory["a/../a"], directory["a"]]
        #expect(try walk(roots).files == ["a/1.jpg", "ab/2.jpg"])
        #expect(try walk([directory["ab"], directory["a"]]).files == ["a/1.jpg", "ab/2.jpg"])
    }

    @Test func aSingleFileMayBeTheRootWhateverItsName() throws {
        try touch("picture")
        #expect(try walk([directory["picture"]]).files == ["picture"])
    }

    @Test func aMissingRootIsAnError() throws {
        let path = directory["nothing"]
        #expect(throws: ImageCodesError.notFound(path: path.description)) { try DirectoryWalker(roots: [path]) }
    }

    @Test func filesGoneMeanwhileAreCounted() throws {
        try touch("1.jpg", "2.jpg", "a/3.jpg")
        var walker = try DirectoryWalker(roots: [directory.path])
        #expect(walker.next() != nil)
        try directory.remove("2.jpg")
        try directory.remove("a")
        while walker.next() != nil {}
        #expect(walker.skipped == [.vanished: 2])
    }

    @Test func aDirectoryOfManyFilesIsToldInOrder() throws {
        let names = (0..<1_000).map { "\($0).jpg" }
        try directory.makeDirectory("many")
        for name in names { close(open(directory["many/" + name].string, O_CREAT, 0o600)) }
        #expect(
            try walk().files
                == names.map { "many/" + $0 }.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    }
}
