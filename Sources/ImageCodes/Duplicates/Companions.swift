import Foundation

/// Files that belong to an image: of the same name but for the ending, in the same directory.
///
/// A camera's raw file and its JPEG, a photograph and its few seconds of film, an image and the notes that a program keeps beside it are one
/// thing to their owner, and what happens to one should happen to all or to none.
package struct Companions {
    /// Notes about an image, of no use without it.
    private static let sidecarEndings = Set(
        ["xmp", "aae", "thm", "pp3", "dop", "on1", "cos", "json", "txt"].map { Array($0.utf8) })

    /// Sidecars of the image.
    package private(set) var sidecars: [ImagePath] = []
    /// Everything else: raw files, films, other images.
    package private(set) var others: [ImagePath] = []

    /// Looks for the companions of a file.
    package init(of path: ImagePath) {
        let name = path.name
        let directory = path.directory
        let stem = Companions.stem(of: name)
        // One that cannot be read tells of none.
        guard let listing = try? DirectoryListing(of: directory, followsLink: true) else { return }
        for other in (0..<listing.count).lazy.map(listing.name(at:)) where other != name {
            let otherStem = Companions.stem(of: other)
            let ending = ImageNames.lowercased(other.dropFirst(otherStem.count + 1))
            let isOfStem = ImageNames.lowercased(otherStem) == ImageNames.lowercased(stem)
            // IMG_1.JPG.xmp beside IMG_1.xmp: both are in use.
            let isOfName = ImageNames.lowercased(otherStem) == ImageNames.lowercased(name)
            guard isOfStem || isOfName else { continue }
            let companion = directory.appending(other)
            if Companions.sidecarEndings.contains(ending) {
                sidecars.append(companion)
            } else if isOfStem {
                others.append(companion)
            }
        }
    }

    /// Whether two paths are of one such thing.
    static func areOne(_ a: ImagePath, _ b: ImagePath) -> Bool {
        a.directory == b.directory && ImageNames.lowercased(stem(of: a.name)) == ImageNames.lowercased(stem(of: b.name))
    }

    private static func stem(of name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let dot = name.lastIndex(of: ImagePath.dot), dot > name.startIndex else { return name }
        return name[..<dot]
    }
}
