import ArgumentParser
import Foundation
import HashDB
import ImageCodes

/// Makes a store of many images without their pixels, to measure what deals with many images.
struct MakeImages: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a store of so many images of PDQ codes, and the files that hashdb duplicates looks at.",
        discussion: """
            Of every ten images one is a copy of another, within 20 bits, and one has a second file of the same bytes. \
            Of the files there are only the first bytes (they have a size, but take no more space).
            """)

    @Argument(help: "The store, which must not be there.") var store: String
    @Argument(help: "The folder for the files.") var directory: String
    @Option(help: "The number of images.") var images = 1_000_000

    func run() throws {
        let store = try Store.forImages(at: store, model: .perceptual(.pdq))
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var collection = ImageCollection(count: images, directory: try ImagePath(directory).resolved())
        try collection.write(to: store)
        print("\(images) images, \(collection.files) files")
    }
}
