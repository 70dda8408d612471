import Foundation
import HashDB
import HashNets

/// Makes groups of files from groups of contents: looks at the files, heeds verdicts, and chooses what to keep.
struct GroupGathering {
    private let search: DuplicateSearch
    private let roots: ImageRoots
    private let hasVerdicts: Bool
    private var groups: [DuplicateReport.Group] = []
    private(set) var vanished = 0
    private(set) var splits = 0

    init(_ search: DuplicateSearch, _ roots: ImageRoots, hasVerdicts: Bool) {
        self.search = search
        self.roots = roots
        self.hasVerdicts = hasVerdicts
    }

    /// A file of a group, with its code.
    private struct Member {
        var image: DuplicateReport.Image
        var code: BinaryCode
        var isArchive: Bool
    }

    /// Hashes of the pixels of contents, so that each is decoded once; nil for one that gives none.
    private typealias PixelHashes = [ImageContent: ContentHash?]

    /// Adds what groups there are among contents that are near one another.
    mutating func add(_ nodes: [DuplicateSearch.Node], _ snapshot: borrowing Snapshot) throws {
        var members: [Member] = []
        for node in nodes {
            guard let record = try snapshot.imageRecord(of: node.id) else { continue }
            members += files(of: record, node.code)
        }
        // An archived name of a file counts before another name of the same.
        members.sort { a, b in
            a.isArchive == b.isArchive ? a.image.path < b.image.path : a.isArchive
        }
        var seen: Set<FileNumber> = []
        members = members.filter { seen.insert($0.image.file).inserted }
        guard members.count > 1 else { return }
        for part in try parts(of: members, snapshot) {
            var hashes: PixelHashes = [:]
            for subpart in search.tier == .samePixels ? partsOfSamePixels(part, &hashes) : [part] {
                if let group = group(subpart, &hashes) { groups.append(group) }
            }
        }
    }

    /// The groups in the order of a report.
    func finish() -> [DuplicateReport.Group] {
        groups.sorted { a, b in
            a.images.count == b.images.count ? a.images[0].path < b.images[0].path : a.images.count > b.images.count
        }
    }

    // MARK: Files

    /// The files of a content that are there and unchanged.
    private mutating func files(of record: ImageRecord, _ code: BinaryCode) -> [Member] {
        var members: [Member] = []
        for place in record.places {
            guard let path = roots.path(of: place) else { continue }
            var isArchive = false
            if let between = search.between {
                isArchive = path.isWithin(between.archive)
                guard isArchive || path.isWithin(between.inbox) else { continue }
            }
            guard search.isInScope(path) else { continue }
            var status = stat()
            let stamp = path.withCString { lstat($0, &status) } == 0 ? FileStamp(status) : nil
            guard let stamp, FileKind(mode: status.st_mode) == .regular, stamp.size == record.size,
                stamp.modificationTime == place.modificationTime
            else {
                vanished += 1
                continue
            }
            let image = DuplicateReport.Image(
                mark: .drop, why: "", distance: 0, path: path, content: record.content, width: record.width,
                height: record.height, modificationTime: stamp.modificationTime, file: FileNumber(status))
            members.append(Member(image: image, code: code, isArchive: isArchive))
        }
        return members
    }

    // MARK: Parts

    /// Splits a group where somebody has said that contents differ: each file goes to the first part without such a one.
    private mutating func parts(of members: [Member], _ snapshot: borrowing Snapshot) throws -> [[Member]] {
        guard hasVerdicts, search.between == nil else { return [members] }
        var parts: [[Member]] = []
        for member in members {
            var place: Int?
            for (number, part) in parts.enumerated() {
                var fits = true
                for other in part where fits && other.image.content != member.image.content {
                    fits = try !snapshot.areDifferent(member.image.content, other.image.content)
                }
                if fits {
                    place = number
                    break
                }
            }
            if let place { parts[place].append(member) } else { parts.append([member]) }
        }
        if parts.count > 1 { splits += 1 }
        return parts
    }

    private func partsOfSamePixels(_ members: [Member], _ hashes: inout PixelHashes) -> [[Member]] {
        var parts: [[Member]] = []
        for member in members {
            let place = parts.firstIndex { haveSamePixels($0[0].image, member.image, &hashes) }
            if let place { parts[place].append(member) } else { parts.append([member]) }
        }
        return parts
    }

    private func haveSamePixels(
        _ a: DuplicateReport.Image, _ b: DuplicateReport.Image, _ hashes: inout PixelHashes
    ) -> Bool {
        if a.content == b.content { return true }
        guard (a.width, a.height) == (b.width, b.height) else { return false }
        guard let one = pixelHash(of: a, &hashes), let other = pixelHash(of: b, &hashes) else { return false }
        return one == other
    }

    private func pixelHash(of image: DuplicateReport.Image, _ hashes: inout PixelHashes) -> ContentHash? {
        if let known = hashes[image.content] { return known }
        let hash = pixelHash(of: image)
        hashes.updateValue(hash, forKey: image.content)
        return hash
    }

    /// Hash of all pixels as they are shown on white, in 8-bit sRGB; nil where there are none.
    private func pixelHash(of image: DuplicateReport.Image) -> ContentHash? {
        guard image.width <= 65_536, image.height <= 65_536 else { return nil }
        let shape = ImageShape(channels: 3, height: image.height, width: image.width)
        // Of a raw file the preview is decoded, which others may have too.
        guard let decoded = try? ImageDecoder(shape: shape).decode(path: image.path),
            decoded.header.format != CameraRaw.format
        else { return nil }
        return ContentHash(of: decoded.pixels)
    }

    // MARK: Marks

    /// The group with its marks; nil where nothing could be dropped.
    private func group(_ members: [Member], _ hashes: inout PixelHashes) -> DuplicateReport.Group? {
        guard members.count > 1 else { return nil }
        var members = members
        if search.between != nil {
            for index in members.indices where members[index].isArchive {
                (members[index].image.mark, members[index].image.why) = (.keep, "archive")
            }
            guard members[0].isArchive else { return nil }
        } else {
            let (best, why) = search.keep.choice(of: members.map(\.image))
            members.insert(members.remove(at: best), at: 0)
            (members[0].image.mark, members[0].image.why) = (.keep, why)
        }
        let kept = members[0]
        var loosest = DuplicateTier.sameBytes
        for index in members.indices.dropFirst() {
            let image = members[index].image
            members[index].image.distance = kept.code.hammingDistance(to: members[index].code)
            let tier: DuplicateTier =
                if image.content == kept.image.content {
                    .sameBytes
                } else if members[index].image.distance == 0, haveSamePixels(kept.image, image, &hashes) {
                    .samePixels
                } else {
                    search.tier
                }
            loosest = max(loosest, tier)
            guard image.mark == .drop else { continue }
            members[index].image.why = tier.rawValue
            if Companions.areOne(kept.image.path, image.path) {
                (members[index].image.mark, members[index].image.why) = (.keep, "belongs")
            }
        }
        guard members.contains(where: { $0.image.mark == .drop }) else { return nil }
        let images = members.map(\.image)
        return .init(images: images.filter { $0.mark == .keep } + images.filter { $0.mark == .drop }, tier: loosest)
    }
}

extension FileNumber {
    package init(_ status: stat) {
        self.init(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
    }
}
