/// What a store keeps beside the code of an image, as the item's payload: what the image is, and where files of it lie.
///
/// An image is its content: the hash of a file's bytes, and their number. An item of a store stands for one content for as long as it
/// is there, whatever becomes of the files; each file that holds these bytes is one of the item's `places`. So a moved file costs a new
/// place, a copy a further one, and neither a new code; equal files answer a query once, with all their paths; and files with
/// the same bytes are those of one record.
///
/// Its encoding, version 2, little-endian:
///
///     offset  bytes  field
///     0       1      0x49 ("I"): the payload is a record of an image
///     1       1      2: version of this encoding
///     2       1      quality of the code, 0 to 100; 255 if the model tells none
///     3       1      0
///     4       4      pixels from left to right, 1 to 2³¹ − 1
///     8       4      pixels from top to bottom, 1 to 2³¹ − 1
///     12      8      size of the file
///     20      16     XXH3-128 of the file's bytes, most significant byte first
///     36      4      number of places
///     then for each place:
///     0       4      root, see `ImageRoots`
///     4       8      modification time of the file, nanoseconds since 1970, signed
///     12      8      inode number of the file; 0 if that is not known, or does not last
///     20      2      n, length of the path, at least 1
///     22      n      path below the root: bytes as the file system has them
///
/// Nothing follows. A payload that deviates in any field is refused. A record of version 1, which knew one absolute path, is read too:
/// as one whose only place lies below the root `/`.
public struct ImageRecord: Hashable, Sendable {
    /// Hash and size of the file's bytes: what the image is.
    public var content: ImageContent
    /// Pixels from left to right as the image is shown.
    public var width: Int
    /// Pixels from top to bottom as the image is shown.
    public var height: Int
    /// How much the code can be relied on, 0 to 100, if the model tells that, as perceptual hashes do.
    public var quality: UInt8?
    /// Where files of this content are, in the order in which they were found. None, if all were changed or removed in a run of
    /// `Ingest` that is still going on.
    public var places: [ImagePlace]

    /// Makes a record from its parts.
    public init(content: ImageContent, width: Int, height: Int, quality: UInt8? = nil, places: [ImagePlace]) {
        self.content = content
        self.width = width
        self.height = height
        self.quality = quality
        self.places = places
    }

    /// Hash of the file's bytes.
    public var contentHash: ContentHash { content.hash }

    /// The number of the file's bytes.
    public var size: UInt64 { content.size }

    /// The places, those of one file together: names of one file (hard links) have one inode number and one modification time, while copies
    /// are files of their own.
    public var files: [[ImagePlace]] {
        var files: [[ImagePlace]] = []
        for place in places {
            if let index = files.firstIndex(where: { $0[0].isSameFile(as: place) }) {
                files[index].append(place)
            } else {
                files.append([place])
            }
        }
        return files
    }
}

/// What a file holds: a hash of its bytes, and their number.
public struct ImageContent: Hashable, Sendable {
    /// XXH3-128 of the bytes.
    public var hash: ContentHash
    /// The number of bytes.
    public var size: UInt64

    /// Makes a content from its parts.
    public init(hash: ContentHash, size: UInt64) {
        self.hash = hash
        self.size = size
    }
}

/// Where a file is, and what tells that it still is the one that was read.
public struct ImagePlace: Hashable, Sendable {
    /// Which of the store's `ImageRoots` the path begins at.
    public var root: UInt32
    /// The path below the root, of at most 65,535 bytes, which is more than systems allow.
    public var path: ImagePath
    /// Modification time of the file, nanoseconds since 1970.
    public var modificationTime: Int64
    /// The number by which the file's file system knows it, whatever it is called; 0 if that is not known, or does not last.
    public var inode: UInt64

    /// Makes a place from its parts.
    public init(root: UInt32, path: ImagePath, modificationTime: Int64, inode: UInt64) {
        self.root = root
        self.path = path
        self.modificationTime = modificationTime
        self.inode = inode
    }

    /// Whether both are names of one file, going by what is recorded of two places with the same content.
    ///
    /// The number of the device is no part of it, as it may change whenever a disk is mounted; a copy with this inode number and time to the
    /// nanosecond on another disk would be taken for the same file.
    func isSameFile(as other: ImagePlace) -> Bool {
        inode != 0 && inode == other.inode && modificationTime == other.modificationTime
    }

    /// Whether both have the same root and path.
    func isSamePath(as other: ImagePlace) -> Bool {
        root == other.root && path == other.path
    }
}
