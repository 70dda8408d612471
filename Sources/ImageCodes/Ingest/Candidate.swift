import Foundation
import HashDB

/// What the walking thread hands to the decoding ones, for a collection.
enum Candidate: Sendable {
    /// A file to be read.
    case file(WalkedFile, ImagePlace)
    /// A file that was read before, under another name or by an earlier version: nothing but its place is news.
    case recognised(FoundImage)
    /// Something passed over that is worth telling.
    case passedOver(ImagePath, SkipReason)

    /// The file that is to be read, if one is.
    var file: WalkedFile? {
        if case .file(let file, _) = self { file } else { nil }
    }

    /// What is to be done about a file; `nil` if it is as the collection knows it.
    init?(_ file: WalkedFile, _ roots: ImageRoots, _ snapshot: borrowing Snapshot) throws {
        let (root, path) = roots.place(of: file.path)
        let place = ImagePlace(
            root: root, path: path, modificationTime: file.stamp.modificationTime, inode: file.inode)
        let known = try snapshot.findImage(root: root, path: path)
        if let record = known?.record, let old = record.places.first(where: { $0.isSamePath(as: place) }),
            record.size == file.stamp.size, old.modificationTime == place.modificationTime
        {
            if old.inode == place.inode { return nil }
            // Without a number to compare, size and time have to do.
            if old.inode == 0 || place.inode == 0 {
                self = .recognised(FoundImage(path: file.path, place: place, content: record.content))
                return
            }
        }
        if let same = try snapshot.findImage(inode: file.inode, stamp: file.stamp) {
            self = .recognised(FoundImage(path: file.path, place: place, content: same.record.content))
            return
        }
        if known == nil, root != 0, let same = try snapshot.findImage(fromEarlierVersionAt: file) {
            self = .recognised(FoundImage(path: file.path, place: place, content: same.record.content))
            return
        }
        self = .file(file, place)
    }
}

extension Snapshot {
    /// What an earlier version has put in under an absolute path, if the file is as it was then.
    fileprivate func findImage(fromEarlierVersionAt file: WalkedFile) throws -> StoredImage? {
        let path = file.path.relative(to: ImagePath("/"))
        guard let image = try findImage(root: 0, path: path), image.record.size == file.stamp.size else { return nil }
        let isSame = image.record.places.contains {
            $0.root == 0 && $0.path == path && $0.modificationTime == file.stamp.modificationTime
        }
        return isSame ? image : nil
    }
}
