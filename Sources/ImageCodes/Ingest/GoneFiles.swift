import Foundation

/// Tells whether recorded files are surely not there any more.
///
/// A file below a root that is not there, or in which there is nothing, may be on a disk that is away.
struct GoneFiles {
    let roots: ImageRoots
    private var present: [UInt32: Bool] = [:]

    init(roots: ImageRoots) {
        self.roots = roots
    }

    /// Whether the file of a place is gone.
    mutating func contains(_ place: ImagePlace) -> Bool {
        guard let path = roots.path(of: place) else { return true }
        guard path.isVanished else { return false }
        if let known = present[place.root] { return known }
        let isPresent = roots[place.root]?.holdsEntries ?? false
        present[place.root] = isPresent
        return isPresent
    }
}

extension ImagePath {
    /// Whether there is surely no file; one that may not be looked at is taken to be there.
    var isVanished: Bool {
        var status = stat()
        // A link counts as what it leads to: it was followed when the image was recorded.
        if withCString({ stat($0, &status) }) == 0 { return FileKind(mode: status.st_mode) != .regular }
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
    }
}
