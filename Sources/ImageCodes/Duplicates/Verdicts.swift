import HashDB

/// What people have said of images, kept by content, so that it outlives names and places.
///
/// In the attributes of each collection: `different:` and two contents, the lesser first, with a space between them, whose value is empty;
/// `dropped:` and a content, whose value is one less than the code's length in bytes (u8), the code, the largest id that the collection had
/// given by then (u64, little-endian), and the path from which it was dropped. A code of another width than the collection's is none.
extension Transaction {
    /// Remembers that two contents are no duplicates of one another, or forgets it.
    public mutating func setAreDifferent(_ a: ImageContent, _ b: ImageContent, _ areDifferent: Bool) throws {
        try setAttribute(areDifferent ? [] : nil, forKey: verdictKey(a, b))
    }

    /// Remembers that an image was dropped, so that it is known when it comes back; without a code, forgets it.
    mutating func setDropped(_ content: ImageContent, code: BinaryCode?, path: ImagePath) throws {
        let id = largestID ?? 0
        let value = code.map { code in
            [UInt8(truncatingIfNeeded: code.bitWidth / 8 - 1)] + code.bytes
                + (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } + path.bytes
        }
        try setAttribute(value, forKey: droppedKey(content))
    }
}

extension Store {
    /// Remembers of every two of some contents that they are no duplicates of one another, or forgets it.
    ///
    /// - Parameters:
    ///   - collections: each of them, as any may be searched for duplicates.
    ///   - committed: told of each collection's commit.
    /// - Returns: how many pairs there are; of those to be forgotten, how many were remembered.
    package static func setAreDifferent(
        _ contents: [ImageContent], _ areDifferent: Bool, in collections: [Store],
        committed: (_ collection: String, _ commit: UInt64) -> Void = { _, _ in }
    ) throws -> Int {
        let different = Array(Set(contents))
        let pairs = different.indices.flatMap { second in different[..<second].map { (different[second], $0) } }
        var remembered: Set<String> = []
        for collection in collections {
            let commit = try collection.write { transaction in
                for (a, b) in pairs {
                    let key = verdictKey(a, b)
                    if try transaction.attribute(key) != nil { remembered.insert(key) }
                    try transaction.setAreDifferent(a, b, areDifferent)
                }
                return transaction.commitNumber
            }
            committed(collection.collection, commit)
        }
        return areDifferent ? pairs.count : remembered.count
    }

    /// Takes over what other collections of the file remember of images and this one, which may be newer, does not.
    ///
    /// One of which that is damaged is passed over. Where there is nothing new, it takes one look at what each remembers.
    ///
    /// A dropped image has no code of this one's model: one of another width stands for it, and the image is known by its content alone.
    func takeOverVerdicts(of others: [Store]) throws {
        let noCode = try BinaryCode(bytes: [UInt8](repeating: 0, count: bitWidth == 8 ? 2 : 1))
        guard !others.isEmpty else { return }
        let known: Set<String>
        do { known = try read { try $0.rememberedKeys() } } catch HashDBError.damaged { return }
        for other in others {
            let found: (pairs: [(ImageContent, ImageContent)], dropped: [DroppedImage])
            do {
                found = try other.read { (try $0.verdicts(except: known), try $0.dropped(except: known)) }
            } catch HashDBError.damaged {
                // That is for those to hear who want something of it.
                continue
            }
            let (newPairs, newlyDropped) = try read { snapshot in
                (found.pairs, try found.dropped.filter { try snapshot.image(with: $0.content) == nil })
            }
            guard !newPairs.isEmpty || !newlyDropped.isEmpty else { continue }
            try write { transaction in
                for (a, b) in newPairs { try transaction.setAreDifferent(a, b, true) }
                for image in newlyDropped { try transaction.setDropped(image.content, code: noCode, path: image.path) }
            }
        }
    }
}

extension Snapshot {
    /// Whether somebody has said that two contents are no duplicates of one another.
    public func areDifferent(_ a: ImageContent, _ b: ImageContent) throws -> Bool {
        try attribute(verdictKey(a, b)) != nil
    }

    /// All pairs of contents of which somebody has said so, in the order of their hashes.
    public func verdicts() throws -> [(ImageContent, ImageContent)] { try verdicts(except: []) }

    /// The same but for those with known keys.
    fileprivate func verdicts(except known: Set<String>) throws -> [(ImageContent, ImageContent)] {
        var pairs: [(ImageContent, ImageContent)] = []
        try forEachAttribute(withPrefix: differentPrefix) { key, _ in
            if known.contains(key) { return true }
            let contents = key.dropFirst(differentPrefix.count).split(separator: " ").compactMap {
                ImageContent(key: $0)
            }
            if contents.count == 2 { pairs.append((contents[0], contents[1])) }
            return true
        }
        return pairs
    }

    /// The keys of all that is remembered.
    fileprivate func rememberedKeys() throws -> Set<String> {
        var keys: Set<String> = []
        for prefix in [differentPrefix, droppedPrefix] {
            try forEachAttribute(withPrefix: prefix) { key, _ in
                keys.insert(key)
                return true
            }
        }
        return keys
    }

    /// All images that were dropped but for those with known keys, in the order of their contents' hashes.
    func dropped(except known: Set<String> = []) throws -> [DroppedImage] {
        var images: [DroppedImage] = []
        try forEachAttribute(withPrefix: droppedPrefix) { key, value in
            if !known.contains(key), let content = ImageContent(key: key.dropFirst(droppedPrefix.count)),
                let image = DroppedImage(content, decoding: value)
            {
                images.append(image)
            }
            return true
        }
        return images
    }
}

/// An image that was dropped.
struct DroppedImage {
    let content: ImageContent
    let code: BinaryCode
    /// Images with larger ids have come since.
    let largestID: UInt64
    /// Where it was.
    let path: ImagePath

    /// `nil` for a value that is none.
    fileprivate init?(_ content: ImageContent, decoding value: [UInt8]) {
        guard let first = value.first, value.count > Int(first) + 10 else { return nil }
        let end = Int(first) + 2
        guard let code = try? BinaryCode(bytes: value[1..<end]) else { return nil }
        self.content = content
        self.code = code
        largestID = value[end..<end + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        path = ImagePath(bytes: Array(value[(end + 8)...]))
    }
}

private let differentPrefix = "different:"
private let droppedPrefix = "dropped:"

private func droppedKey(_ content: ImageContent) -> String { droppedPrefix + content.key }

private func verdictKey(_ a: ImageContent, _ b: ImageContent) -> String {
    differentPrefix + [a.key, b.key].sorted().joined(separator: " ")
}
