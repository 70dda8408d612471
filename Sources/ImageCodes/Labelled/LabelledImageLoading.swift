import HashNets

/// Reads labelled images from a directory with a folder for each class.
///
///     let images = try loadLabelledImages(at: "cifar", shape: ImageShape(channels: 3, height: 32, width: 32)) { print($0) }
///
/// A class is named by its folder and numbered in the order of the names' bytes; images within folders of a class belong to it,
/// in the order of `DirectoryWalker`. If the directory holds folders `train` and `test` (or `val`) that themselves hold folders, the
/// classes in those are meant, and both are read, `train` first within each class; `isTest` tells which is which. So it is with
/// Tiny ImageNet's arrangement, `train/CLASS/images` and `val/images` with a list `val/val_annotations.txt`. Images that cannot be
/// decoded are named to `log` and left out; so are classes without an image.
///
/// - Parameters:
///   - directory: a directory of class folders.
///   - shape: what images are decoded to, as `ImageDecoder` does it.
///   - log: gets a line about each file left out (the first hundred), and about progress; called on this thread.
/// - Throws: `ImageCodesError`; `ImageDecodingError` if the list cannot be read.
public func loadLabelledImages(
    at directory: String, shape: ImageShape, log: (String) -> Void = { _ in }
) throws -> LabelledImages {
    let labelled = try LabelledDirectory(at: ImagePath(directory).resolved())
    let decoded = try DecodedFiles(labelled.files.map(\.path), decoder: ImageDecoder(shape: shape), log: log)
    let files = zip(labelled.files, decoded.isDecoded).compactMap { file, isDecoded in isDecoded ? file : nil }

    let present = Set(files.map(\.label))
    for (label, name) in labelled.classNames.enumerated() where !present.contains(label) {
        log("\(shownOnOneLine(name.utf8)): no images, class left out")
    }
    let kept = present.sorted()
    let classNames = kept.map { labelled.classNames[$0] }
    guard kept.count >= 2 else { throw ImageCodesError.tooFewClasses(path: directory, found: classNames) }
    let renumbered = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
    return LabelledImages(
        pixels: decoded.pixels, labels: files.compactMap { renumbered[$0.label] }, classNames: classNames, shape: shape,
        isTest: labelled.hasParts ? files.map(\.isTest) : [])
}
