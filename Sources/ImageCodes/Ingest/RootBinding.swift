import Foundation
import HashDB

/// Settles, before a run, which root the files below its directories are recorded under.
///
/// A directory below a root that the store has belongs to that. One that is not may be such a root at another place, if there is
/// nothing at the old one and files lie here as they lay there. Else it becomes a root of its own. Single files have the
/// deepest directory above them all as root.
struct RootBinding {
    let store: Store
    /// As the run walks them.
    let walked: [ImagePath]
    /// Where the one directory of the run was before, if the user says so.
    var movedFrom: ImagePath?

    /// Recorded files of a root that are looked for at another place.
    private static let sampleSize = 32
    /// Items that are looked at to find them.
    private static let itemsLookedAt = 200_000

    /// The roots for the run, recorded in the store.
    func bind() throws -> ImageRoots { try store.namingDamage(bindRoots) }

    private func bindRoots() throws -> ImageRoots {
        var roots = try store.read { try $0.imageRoots() }
        guard let bound = try binding(&roots) else { return roots }
        return try store.write { transaction in
            // Another process may have changed them meanwhile; what it did stays.
            var roots = try transaction.findRoots()
            for (id, location) in bound.moved { roots.move(id, to: location) }
            for location in bound.added where !roots.cover(location) { roots.add(location) }
            try transaction.setAttribute(roots.encoded, forKey: ImageRoots.attribute)
            return roots
        }
    }

    /// Whether there are images from where the directory is said to have been; true if nothing is said.
    func knowsMove() throws -> Bool {
        guard let movedFrom else { return true }
        let roots = try store.namingDamage { try store.read { try $0.imageRoots() } }
        return (try? root(at: movedFrom, in: roots)) != nil
    }

    /// What has to change; `nil` if nothing.
    private func binding(_ roots: inout ImageRoots) throws -> (moved: [UInt32: ImagePath], added: [ImagePath])? {
        var moved: [UInt32: ImagePath] = [:]
        var added: [ImagePath] = []
        if let movedFrom {
            let root = try root(at: movedFrom, in: roots)
            guard walked.count == 1, let location = walked.first else {
                throw ImageCodesError.rootUnknown(
                    path: movedFrom.description, reason: "can only be said of one folder at a time")
            }
            if root.location != location {
                roots.move(root.id, to: location)
                moved[root.id] = location
            }
        }
        let files = walked.filter { !isDirectory($0) }
        for directory in walked where !roots.cover(directory) && isDirectory(directory) {
            if let id = try rootThatMoved(to: directory, roots) {
                roots.move(id, to: directory)
                moved[id] = directory
            } else {
                roots.add(directory)
                added.append(directory)
            }
        }
        if let directory = ImagePath.deepestDirectory(above: files.filter { !roots.cover($0) }) {
            added.append(directory)
        }
        return moved.isEmpty && added.isEmpty ? nil : (moved, added)
    }

    private func root(at location: ImagePath, in roots: ImageRoots) throws -> ImageRoots.Root {
        let names = [location.absolute, (try? location.resolved()) ?? location]
        if let root = roots.all.first(where: { names.contains($0.location) }) { return root }
        let known = roots.all.map(\.location.description)
        throw ImageCodesError.rootUnknown(
            path: location.description,
            reason: "no images were put in from there; "
                + (known.isEmpty
                    ? "the store has no folders yet" : "the store's folders are \(known.joined(separator: ", "))"))
    }

    /// The root whose recorded files lie below a directory now, and not where they were.
    private func rootThatMoved(to directory: ImagePath, _ roots: ImageRoots) throws -> UInt32? {
        let lost = roots.all.filter { !$0.location.holdsEntries }.map(\.id)
        guard !lost.isEmpty else { return nil }
        for (id, sample) in try samples(of: Set(lost)).sorted(by: { $0.key < $1.key }) {
            let found = sample.filter { place, size in
                let status = directory.appending(place.path.bytes).status(followsLinks: false)
                let recorded = FileStamp(size: size, modificationTime: place.modificationTime)
                return status.map { FileStamp($0) } == recorded
            }
            if 2 * found.count > sample.count { return id }
        }
        return nil
    }

    private func samples(of roots: Set<UInt32>) throws -> [UInt32: [(place: ImagePlace, size: UInt64)]] {
        var samples: [UInt32: [(place: ImagePlace, size: UInt64)]] = [:]
        var count = 0
        try store.read { snapshot in
            try snapshot.forEachImage { image, _ in
                for place in image.record.places where roots.contains(place.root) {
                    if samples[place.root, default: []].count < RootBinding.sampleSize {
                        samples[place.root, default: []].append((place, image.record.size))
                    }
                }
                count += 1
                let isEnough = roots.allSatisfy { samples[$0, default: []].count == RootBinding.sampleSize }
                return count < RootBinding.itemsLookedAt && !isEnough
            }
        }
        return samples
    }

    private func isDirectory(_ path: ImagePath) -> Bool {
        (try? FileKind.look(at: path)) == .directory
    }
}
