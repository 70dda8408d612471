import Foundation
import ImageCodes
import TestSupport
import Testing

/// Random histories of files and folders under a watch: when nothing changes any more, the store is what a fresh one would be.
@Suite struct WatchHistoryTests {
    private let bench: IngestBench

    init() throws {
        bench = try IngestBench()
        // A root without anything in it would keep what it had.
        try bench.write(seed: 99, to: "always.png")
        try bench.directory.makeDirectory("outside")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func theStoreFollowsTheTree(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let watch = try RunningWatch(bench)
        for round in 0..<5 {
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                try change(&generator)
                // Some within one batch, some in several.
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    usleep(UInt32.random(in: 0..<60_000, using: &generator))
                }
            }
            do {
                try watch.waitUntilCurrent(bench)
            } catch {
                Issue.record("seed \(seed), round \(round): \(error)")
                break
            }
        }
        try watch.stop()
    }

    private func entries(_ folder: String) -> (files: [String], folders: [String]) {
        let root = bench.directory[folder].string
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let sorted = names.filter { $0 != "always.png" }.sorted().map { folder + "/" + $0 }
        return (sorted.filter { $0.hasSuffix(".png") }, sorted.filter { !$0.hasSuffix(".png") })
    }

    private func path(_ name: String) -> String { bench.directory[name].string }

    private func makeParent(of name: String) throws {
        let folder = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func change(_ generator: inout SplitMix64) throws {
        let (files, folders) = entries("photos")
        let outside = entries("outside")
        let folder = ["a", "b", "c/d", "c"].randomElement(using: &generator) ?? "a"
        let number = Int.random(in: 0..<8, using: &generator)
        let target = "photos/\(folder)/\(number).png"
        let content = try TestImages.picture(seed: UInt64.random(in: 0..<12, using: &generator))
        let file = files.randomElement(using: &generator)
        try makeParent(of: target)
        switch (Int.random(in: 0..<14, using: &generator), file) {
        case (0...2, _), (_, nil): try bench.directory.write(content, to: target)
        case (3, _): try Data(content).write(to: URL(fileURLWithPath: path(target)), options: .atomic)
        // In place, under all its names.
        case (4, let file?):
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path(file)))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(content))
            try handle.close()
        case (5, let file?): rename(path(file), path(target))
        case (6, let file?):
            try bench.directory.write([UInt8](Data(contentsOf: URL(fileURLWithPath: path(file)))), to: target)
        case (7, let file?): link(path(file), path(target))
        case (8, let file?): unlink(path(file))
        // Folders, with what is in them: elsewhere in the tree, out of it, into it, away.
        case (9, _):
            let new = "photos/" + (["e", "a/f", "b"].randomElement(using: &generator) ?? "e")
            if let old = folders.randomElement(using: &generator) {
                try makeParent(of: new)
                rename(path(old), path(new))
            }
        case (10, _):
            if let old = folders.randomElement(using: &generator) { rename(path(old), path("outside/\(number)")) }
        case (11, let file?): rename(path(file), path("outside/\(number).png"))
        case (12, _):
            if let old = (outside.folders + outside.files).randomElement(using: &generator) {
                rename(path(old), path(old.hasSuffix(".png") ? target : "photos/g\(number)"))
            }
        default:
            if let old = folders.randomElement(using: &generator) {
                try FileManager.default.removeItem(atPath: path(old))
            }
        }
    }
}
