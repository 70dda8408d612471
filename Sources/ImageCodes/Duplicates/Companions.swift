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
        self.init(of: path, among: NamesByStem(in: path.directory))
    }

    /// Finds the companions of a file among the names of its directory, where they were when those were listed.
    init(of path: ImagePath, among names: NamesByStem) {
        let (name, directory) = (path.name, path.directory)
        let (stem, whole) = (ImageNames.lowercased(Companions.stem(of: name)), ImageNames.lowercased(name))
        // IMG_1.JPG.xmp beside IMG_1.xmp: both are in use.
        for (key, isOfStem) in [(stem, true), (whole, false)] where isOfStem || whole != stem {
            for other in names[key] where !other.elementsEqual(name) {
                let ending = ImageNames.lowercased(other.dropFirst(Companions.stem(of: other[...]).count + 1))
                let companion = directory.appending(other[...])
                if Companions.sidecarEndings.contains(ending) {
                    sidecars.append(companion)
                } else if isOfStem {
                    others.append(companion)
                }
            }
        }
        sidecars.sort()
    }

    /// The names in a directory, by what they begin with up to the last dot, in small letters.
    struct NamesByStem {
        private var names: [[UInt8]: [[UInt8]]] = [:]

        /// Lists a directory; one that cannot be read tells of none.
        init(in directory: ImagePath) {
            guard let listing = try? DirectoryListing(of: directory, followsLink: true) else { return }
            for name in (0..<listing.count).lazy.map(listing.name(at:)) {
                names[ImageNames.lowercased(Companions.stem(of: name)), default: []].append(Array(name))
            }
        }

        subscript(stem: [UInt8]) -> [[UInt8]] { names[stem] ?? [] }
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
