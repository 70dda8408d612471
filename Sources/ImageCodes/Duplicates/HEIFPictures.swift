/// The pictures of a HEIC or AVIF file (ISO 23008-12), going by its list of items.
enum HEIFPictures {
    /// Kinds of items that are pictures: coded ones, and those that are put together of others.
    private static let kinds: Set = ["hvc1", "av01", "avc1", "jpeg", "vvc1", "j2k1", "unci", "grid", "iovl", "iden"]

    /// How many there are that are neither hidden, as tiles are, nor the thumbnail, depth or mask of another; `nil` if that is not to be told.
    ///
    /// - Parameter meta: what is in the box of this name.
    static func count(inMeta meta: ArraySlice<UInt8>) -> Int? {
        guard let boxes = boxes(meta.dropFirst(4)), let list = boxes.first(where: { $0.kind == "iinf" })?.body,
            let items = self.boxes(list.dropFirst(list.first == 0 ? 6 : 8))
        else { return nil }
        var pictures: Set<Int> = []
        for item in items where item.kind == "infe" {
            // A version before the kind, and flags of which the last says that it is hidden.
            guard let version = number(item.body, at: 0, size: 1), version >= 2,
                let flags = number(item.body, at: 1, size: 3),
                let id = number(item.body, at: 4, size: version == 2 ? 2 : 4)
            else { return nil }
            let kind = String(decoding: item.body.dropFirst(version == 2 ? 8 : 10).prefix(4), as: UTF8.self)
            if flags & 1 == 0, kinds.contains(kind) { pictures.insert(id) }
        }
        if let references = boxes.first(where: { $0.kind == "iref" })?.body {
            guard let all = self.boxes(references.dropFirst(4)) else { return nil }
            for reference in all where reference.kind == "thmb" || reference.kind == "auxl" {
                guard let id = number(reference.body, at: 0, size: references.first == 0 ? 2 : 4) else { return nil }
                pictures.remove(id)
            }
        }
        return pictures.isEmpty ? nil : pictures.count
    }

    /// The boxes of which bytes consist; `nil` where they do not.
    private static func boxes(_ bytes: ArraySlice<UInt8>) -> [(kind: String, body: ArraySlice<UInt8>)]? {
        var boxes: [(kind: String, body: ArraySlice<UInt8>)] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let size = number(rest, at: 0, size: 4), size >= 8, size <= rest.count else { return nil }
            let kind = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
            boxes.append((kind, rest.prefix(size).dropFirst(8)))
            rest = rest.dropFirst(size)
        }
        return boxes
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int, size: Int) -> Int? {
        let digits = bytes.dropFirst(offset).prefix(size)
        return digits.count == size ? digits.reduce(0) { $0 << 8 | Int($1) } : nil
    }
}
