import HashNets

/// Reads all images of a directory and the directories in it, in the order of `DirectoryWalker`.
///
/// Images that cannot be decoded are named to `log` and left out.
///
/// - Parameters:
///   - directory: a directory of images in any arrangement.
///   - shape: what images are decoded to, as `ImageDecoder` does it.
///   - log: gets a line about each file left out (the first hundred), and about progress; called on this thread.
/// - Throws: `ImageCodesError`.
public func loadUnlabelledImages(
    at directory: String, shape: ImageShape, log: (String) -> Void = { _ in }
) throws -> UnlabelledImages {
    let root = try ImagePath(directory).resolved()
    do {
        _ = try DirectoryListing(of: root)
    } catch {
        throw ImageCodesError.unreadable(root, error)
    }
    var walker = try DirectoryWalker(roots: [root])
    var files: [ImagePath] = []
    while let event = walker.next() {
        if case .file(let file) = event { files.append(file.path) }
    }
    let decoded = try DecodedFiles(files, decoder: ImageDecoder(shape: shape), log: log)
    return UnlabelledImages(pixels: decoded.pixels, shape: shape)
}

/// Whether a directory holds folders of classes, as `loadLabelledImages` reads them.
public func holdsClasses(_ directory: String) -> Bool {
    (try? LabelledDirectory(at: ImagePath(directory).resolved())) != nil
}
