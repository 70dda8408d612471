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
