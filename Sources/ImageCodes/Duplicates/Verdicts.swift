import HashDB

/// What people have said of images, kept by content, so that it outlives names and places.
///
/// In the store's attributes: `different:` and two contents, the lesser first, with a space between them, whose value is empty; `dropped:`
/// and a content, whose value is one less than the code's length in bytes (u8), the code, the largest id that the store had given by then
/// (u64, little-endian), and the path from which it was dropped.
extension Transaction {
    /// Remembers that two contents are no duplicates of one another, or forgets it.
    public mutating func setAreDifferent(_ a: ImageContent, _ b: ImageContent, _ areDifferent: Bool) throws {
        try setAttribute(verdictKey(a, b), areDifferent ? [] : nil)
    }

    /// Remembers that an image was dropped, so that it is known when it comes back; without a code, forgets it.
    mutating func setDropped(_ content: ImageContent, code: BinaryCode?, path: ImagePath) throws {
        let id = largestID ?? 0
        let value = code.map { code in
            [UInt8(truncatingIfNeeded: code.bitWidth / 8 - 1)] + code.bytes
                + (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } + path.bytes
        }
        try setAttribute(droppedKey(content), value)
    }
}

extension Snapshot {
    /// Whether somebody has said that two contents are no duplicates of one another.
    public func areDifferent(_ a: ImageContent, _ b: ImageContent) throws -> Bool {
        try attribute(verdictKey(a, b)) != nil
    }

    /// All pairs of contents of which somebody has said so, in the order of their hashes.
    public func verdicts() throws -> [(ImageContent, ImageContent)] {
        var pairs: [(ImageContent, ImageContent)] = []
        try forEachAttribute(withPrefix: differentPrefix) { key, _ in
            let contents = key.dropFirst(differentPrefix.count).split(separator: " ").compactMap {
                ImageContent(key: $0)
            }
            if contents.count == 2 { pairs.append((contents[0], contents[1])) }
            return true
        }
        return pairs
    }

    /// All images that were dropped, in the order of their contents' hashes.
    func dropped() throws -> [DroppedImage] {
        var images: [DroppedImage] = []
        try forEachAttribute(withPrefix: droppedPrefix) { key, value in
            if let content = ImageContent(key: key.dropFirst(droppedPrefix.count)),
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

extension ImageContent {
    /// Hash and size in hexadecimal digits.
    var key: String { "\(hash):\(String(size, radix: 16))" }

    fileprivate init?(key: some StringProtocol) {
        let parts = key.split(separator: ":")
        guard parts.count == 2, let hash = ContentHash(hexadecimal: parts[0]), let size = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(hash: hash, size: size)
    }
}
