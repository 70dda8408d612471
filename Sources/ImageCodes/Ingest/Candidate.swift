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
    init?(
        _ file: WalkedFile, _ roots: ImageRoots, among images: inout OpenImages, _ snapshot: borrowing Snapshot
    ) throws {
        images.makeRoom()
        let (root, path) = roots.place(of: file.path)
        let place = ImagePlace(
            root: root, path: path, modificationTime: file.stamp.modificationTime, inode: file.inode)
        let known = try images.find(root: root, path: path, in: snapshot)
        if let (image, index) = known, image.record.size == file.stamp.size {
            let old = image.record.places[index]
            let isUnchanged = old.modificationTime == place.modificationTime
            if isUnchanged, old.inode == place.inode { return nil }
            // Without a number to compare, size and time have to do.
            if isUnchanged, old.inode == 0 || place.inode == 0 {
                self = .recognised(FoundImage(path: file.path, place: place, content: image.record.content))
                return
            }
        }
        if let same = try images.find(inode: file.inode, stamp: file.stamp, in: snapshot) {
            self = .recognised(FoundImage(path: file.path, place: place, content: same.record.content))
            return
        }
        // What an earlier version has put in under an absolute path, if the file is as it was then.
        if known == nil, root != 0,
            let (image, index) = try images.find(root: 0, path: file.path.relative(to: ImagePath("/")), in: snapshot),
            FileStamp(size: image.record.size, modificationTime: image.record.places[index].modificationTime)
                == file.stamp
        {
            self = .recognised(FoundImage(path: file.path, place: place, content: image.record.content))
            return
        }
        self = .file(file, place)
    }
}
