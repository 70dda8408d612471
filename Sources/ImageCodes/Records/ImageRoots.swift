import HashDB

/// The directories that a store's images were found below, by number.
///
/// Records name a root and the path below it, so that a disk that is mounted elsewhere costs one update, of its root. Root 0 is `/`, and
/// has the images of which an earlier version knew the absolute path only.
///
/// They are kept in the store's attribute `image-roots`, little-endian: u8 1 (version), u32 number of roots, and for each u32 id, u16 length
/// of the path, path.
public struct ImageRoots: Hashable, Sendable {
    /// A directory, and the number that stands for it.
    public struct Root: Hashable, Sendable {
        /// The number, at least 1.
        public var id: UInt32
        /// Where the directory is: absolute, without symbolic links.
        public var location: ImagePath
    }

    /// The roots in the order of their ids, without root 0.
    public private(set) var all: [Root] = []

    static let attribute = "image-roots"

    /// No root but `/`.
    init() {}

    /// Where a root is; `nil` for a number that none has.
    public subscript(id: UInt32) -> ImagePath? {
        id == 0 ? ImagePath("/") : all.first { $0.id == id }?.location
    }

    /// The absolute path of a place; `nil` if the store has lost its root.
    public func path(of place: ImagePlace) -> ImagePath? {
        self[place.root]?.appending(place.path.bytes)
    }

    /// The absolute paths of all files of an image, in the order in which they were found.
    public func paths(of record: ImageRecord) -> [ImagePath] {
        record.places.compactMap(path)
    }

    /// The root that an absolute path is recorded under, and the path below it: of the roots above it, the nearest.
    func place(of path: ImagePath) -> (root: UInt32, path: ImagePath) {
        var best = Root(id: 0, location: ImagePath("/"))
        for root in all where root.location.bytes.count > best.location.bytes.count && path.isWithin(root.location) {
            best = root
        }
        return (best.id, path.relative(to: best.location))
    }

    /// Whether a root lies at a directory or above it.
    func cover(_ directory: ImagePath) -> Bool {
        all.contains { directory.isWithin($0.location) }
    }

    /// Gives a directory the next number, or, where the largest is taken, the least that is free.
    mutating func add(_ location: ImagePath) {
        let last = all.last?.id ?? 0
        guard last == .max else { return all.append(Root(id: last + 1, location: location)) }
        // There are by far not as many roots as numbers.
        let gap = all.indices.first { all[$0].id != UInt32(truncatingIfNeeded: $0 &+ 1) } ?? all.endIndex
        all.insert(Root(id: UInt32(truncatingIfNeeded: gap &+ 1), location: location), at: gap)
    }

    /// Says that a root is now elsewhere.
    mutating func move(_ id: UInt32, to location: ImagePath) {
        for index in all.indices where all[index].id == id { all[index].location = location }
    }
}

extension ImageRoots {
    var encoded: [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(little: UInt32(truncatingIfNeeded: all.count))
        for root in all {
            bytes.append(little: root.id)
            bytes.append(little: UInt16(truncatingIfNeeded: root.location.bytes.count))
            bytes += root.location.bytes
        }
        return bytes
    }

    init(decoding bytes: [UInt8]) throws(ImageRecordError) {
        var reader = RecordReader(bytes, at: 0)
        let version = try reader.next(UInt8.self)
        guard version == 1 else { throw .unknownVersion(version) }
        for _ in 0..<(try reader.next(UInt32.self)) {
            let id = try reader.next(UInt32.self)
            all.append(Root(id: id, location: try reader.path(byteCount: Int(try reader.next(UInt16.self)))))
        }
        try reader.finish()
        guard zip(all, all.dropFirst()).allSatisfy({ $0.id < $1.id }), all.first?.id != 0 else {
            throw .invalidField("order of roots")
        }
    }
}
