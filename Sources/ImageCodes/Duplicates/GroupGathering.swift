import Foundation
import HashDB
import HashNets

/// Makes groups of files from groups of contents: looks at the files, heeds verdicts, and chooses what to keep.
struct GroupGathering {
    private let search: DuplicateSearch
    private let roots: ImageRoots
    /// For contents of which somebody has said that others differ from them, those.
    private var different: [ImageContent: Set<ImageContent>] = [:]
    private var groups: [DuplicateReport.Group] = []
    private(set) var vanished = 0
    private(set) var splits = 0

    init(_ search: DuplicateSearch, _ roots: ImageRoots, verdicts: [(ImageContent, ImageContent)]) {
        self.search = search
        self.roots = roots
        for (a, b) in verdicts {
            different[a, default: []].insert(b)
            different[b, default: []].insert(a)
        }
    }

    /// A file of a group, with its code.
    private struct Member {
        var image: DuplicateReport.Image
        var code: BinaryCode
        var isArchive: Bool
        var isRaw = false
    }

    /// Hashes of the pixels of contents, so that each is decoded once; nil for one that gives none.
    private typealias PixelHashes = [ImageContent: ContentHash?]

    /// Adds what groups there are among contents that may be joined, by this tier at most.
    mutating func add(
        _ nodes: [DuplicateSearch.Node], atMost tier: DuplicateTier, _ snapshot: borrowing Snapshot
    ) throws {
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
        var hashes: PixelHashes = [:]
        if tier == .samePixels {
            // What has other pixels is no reason to split.
            for part in partsOfSamePixels(members, &hashes) {
                for subpart in parts(of: part) { add(subpart, atMost: tier, &hashes) }
            }
        } else {
            // Verdicts between an inbox and an archive have been heeded where codes were compared.
            for part in search.between == nil ? parts(of: members) : [members] {
                for subpart in partsOfPages(part) { add(subpart, atMost: tier, &hashes) }
            }
        }
    }

    private mutating func add(_ members: [Member], atMost tier: DuplicateTier, _ hashes: inout PixelHashes) {
        if let group = group(members, atMost: tier, &hashes) { groups.append(group) }
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
            let recorded = FileStamp(size: record.size, modificationTime: place.modificationTime)
            guard let status = path.status(followsLinks: false), FileKind(mode: status.st_mode) == .regular,
                FileStamp(status) == recorded
            else {
                vanished += 1
                continue
            }
            let image = DuplicateReport.Image(
                mark: .drop, why: "", distance: 0, path: path, content: record.content, width: record.width,
                height: record.height, modificationTime: recorded.modificationTime, file: FileNumber(status))
            members.append(Member(image: image, code: code, isArchive: isArchive))
        }
        return members
    }

    // MARK: Parts

    /// Splits a group where somebody has said that contents differ: each file goes to the first part without such a one.
    private mutating func parts(of members: [Member]) -> [[Member]] {
        var parts: [[Member]] = []
        var places: [ImageContent: Int] = [:]
        for member in members {
            let content = member.image.content
            let taken = Set(different[content, default: []].compactMap { places[$0] })
            let place = places[content] ?? parts.indices.first { !taken.contains($0) } ?? parts.count
            places[content] = place
            if place == parts.count { parts.append([]) }
            parts[place].append(member)
        }
        if parts.count > 1 { splits += 1 }
        return parts
    }

    /// Sets files of several pages apart, those of the same bytes together: their codes tell the first page. So it does what cannot be
    /// understood. Also notes what is a raw file.
    private func partsOfPages(_ members: [Member]) -> [[Member]] {
        guard members.contains(where: { $0.image.content != members[0].image.content }) else { return [members] }
        var hidden: [ImageContent: HiddenContent?] = [:]
        var apart: [ImageContent: [Member]] = [:]
        var others: [Member] = []
        for var member in members {
            let content = member.image.content
            let found = hidden[content] ?? HiddenContent(of: member.image.path)
            hidden[content] = .some(found)
            member.isRaw = found == .raw
            if found == .pages { apart[content, default: []].append(member) } else { others.append(member) }
        }
        return [others] + apart.values
    }

    /// Files of the same pixels, in one look at each.
    private func partsOfSamePixels(_ members: [Member], _ hashes: inout PixelHashes) -> [[Member]] {
        enum Key: Hashable {
            case size([Int])
            case pixels([Int], ContentHash)
            case content(ImageContent)
        }
        let contents = Dictionary(grouping: members) { [$0.image.width, $0.image.height] }
            .mapValues { Set($0.map(\.image.content)) }
        var parts: [[Member]] = []
        var places: [Key: Int] = [:]
        for member in members {
            let (image, size) = (member.image, [member.image.width, member.image.height])
            // What no other has the size of need not be decoded.
            let key: Key =
                if contents[size]?.count == 1 {
                    .size(size)
                } else {
                    pixelHash(of: image, &hashes).map { .pixels(size, $0) } ?? .content(image.content)
                }
            let place = places[key] ?? parts.count
            places[key] = place
            if place == parts.count { parts.append([]) }
            parts[place].append(member)
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
        // Of a raw file the preview is decoded and of several pages the first, which others may have too.
        guard let decoded = try? ImageDecoder(shape: shape).decode(path: image.path),
            decoded.header.format != CameraRaw.format, decoded.header.pages <= 1
        else { return nil }
        return ContentHash(of: decoded.pixels)
    }

    // MARK: Marks

    /// The group with its marks; nil where nothing could be dropped.
    private func group(
        _ members: [Member], atMost loosest: DuplicateTier, _ hashes: inout PixelHashes
    ) -> DuplicateReport.Group? {
        guard members.count > 1 else { return nil }
        var members = members
        if search.between != nil {
            for index in members.indices where members[index].isArchive {
                members[index].image.mark = .keep
                members[index].image.why = DuplicateReport.OwnReason.archive.rawValue
            }
            guard members[0].isArchive else { return nil }
        } else {
            let (best, why) = search.keep.choice(of: members.map(\.image))
            members.insert(members.remove(at: best), at: 0)
            (members[0].image.mark, members[0].image.why) = (.keep, why)
            // No other rule may drop it later for the sake of its preview.
            if members[0].isRaw, members.contains(where: { $0.image.content != members[0].image.content }) {
                members[0].image.why = DuplicateReport.OwnReason.raw.rawValue
            }
        }
        let kept = members[0]
        let archivedPixels = members.filter(\.isArchive).map(\.image.pixels).max()
        var keptRaws: Set<ImageContent> = []
        var tier = DuplicateTier.sameBytes
        for index in members.indices.dropFirst() {
            let member = members[index]
            let (image, distance) = (member.image, kept.code.hammingDistance(to: member.code))
            let likeness: DuplicateTier =
                if image.content == kept.image.content || keptRaws.contains(image.content) {
                    .sameBytes
                } else if distance == 0, haveSamePixels(kept.image, image, &hashes) {
                    .samePixels
                } else {
                    loosest
                }
            tier = max(tier, likeness)
            members[index].image.distance = distance
            guard image.mark == .drop else { continue }
            members[index].image.why = likeness.rawValue
            if likeness > .sameBytes, let reason = reasonToKeep(member, beside: kept, archivedPixels: archivedPixels) {
                (members[index].image.mark, members[index].image.why) = (.keep, reason.rawValue)
                if member.isRaw { keptRaws.insert(image.content) }
            }
        }
        guard members.contains(where: { $0.image.mark == .drop }) else { return nil }
        let images = members.map(\.image)
        return .init(images: images.filter { $0.mark == .keep } + images.filter { $0.mark == .drop }, tier: tier)
    }

    /// Why a file stays that has other bytes than the one that is kept; nil where nothing speaks for it.
    private func reasonToKeep(
        _ member: Member, beside kept: Member, archivedPixels: Int?
    ) -> DuplicateReport.OwnReason? {
        if Companions.areOne(kept.image.path, member.image.path) { return .belongs }
        if member.isRaw { return .raw }
        if let archivedPixels, member.image.pixels > archivedPixels { return .larger }
        return nil
    }
}
