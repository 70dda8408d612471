import HashDB

/// Looks for duplicates among the images of a store.
///
///     let report = try store.read { try DuplicateSearch(tier: .near, radius: 31).run($0, store: path) }
///
/// All pairs of codes within the radius are found exactly, by the engine's join of the store with itself. Equal codes count as one until
/// the groups are made, so that a thousand blank pages cost a thousand lines and not half a million pairs. Memory grows with
/// the images and with the pairs of different near codes.
///
/// Codes of a quality below `IngestSummary.leastQuality` say too little for that (pages of text, plain colours): such images are in a group only
/// with those of the same bytes or pixels.
public struct DuplicateSearch: Sendable {
    /// How alike images have to be.
    public var tier: DuplicateTier
    /// In how many bits codes may differ at most; 0 for the tiers of the same bytes and pixels.
    public var radius: Int
    /// Where given, only images below one of these directories count.
    public var directories: [ImagePath] = []
    /// Where given, images of the first directory are compared with those of the second, of which all are kept, and neither among themselves.
    public var between: (inbox: ImagePath, archive: ImagePath)?
    /// Which image of a group is kept.
    public var keep = KeepRule()

    /// A search of the whole store.
    public init(tier: DuplicateTier, radius: Int) {
        self.tier = tier
        self.radius = tier <= .samePixels ? 0 : radius
    }

    /// What a search found beside the report.
    public struct Summary: Hashable, Sendable {
        /// Images that were compared.
        public var images = 0
        /// Those of them that are compared by bytes and pixels alone, as the quality of their codes is low.
        public var lowQuality = 0
        /// Recorded files that are not there any more, or are other files now.
        public var vanished = 0
        /// Groups that were split because somebody had said that images differ.
        public var splits = 0
    }

    /// Finds the groups.
    ///
    /// - Parameters:
    ///   - snapshot: of a store of images.
    ///   - path: the store's own path, absolute, for the report.
    /// - Throws: errors of the store.
    public func run(_ snapshot: borrowing Snapshot, store path: ImagePath) throws -> (DuplicateReport, Summary) {
        var report = DuplicateReport(
            store: path, model: snapshot.model?.name ?? "unknown", tier: tier, radius: radius, bits: snapshot.bitWidth)
        let roots = try snapshot.imageRoots()
        var summary = Summary()
        let nodes = try nodes(snapshot, roots)
        (summary.images, summary.lowQuality) = (nodes.count, nodes.count { $0.isOfLowQuality })
        var gathering = GroupGathering(self, roots, verdicts: try snapshot.verdicts())
        let groups = try between == nil ? cliques(snapshot, nodes) : stars(snapshot, nodes)
        for (members, tier) in groups { try gathering.add(members.map { nodes[$0] }, atMost: tier, snapshot) }
        report.groups = gathering.finish()
        (summary.vanished, summary.splits) = (gathering.vanished, gathering.splits)
        report.returned = try returned(snapshot, roots)
        return (report, summary)
    }

    // MARK: Images

    /// An image of the store: one content.
    struct Node {
        var code: BinaryCode
        var content: ImageContent
        var id: UInt64
        /// Whether several files have it.
        var hasSeveralPlaces: Bool
        /// Whether it has a place in the directory to be cleared, and in the one to be kept.
        var isInbox = true
        var isArchive = true
        /// Whether its code says too little for a search of near ones.
        var isOfLowQuality = false
    }

    /// All images that count, in an order that depends on their contents alone: by quality, by code, then by content.
    private func nodes(_ snapshot: borrowing Snapshot, _ roots: ImageRoots) throws -> [Node] {
        var nodes: [Node] = []
        try snapshot.forEachImage { image, code in
            let paths = directories.isEmpty && between == nil ? [] : roots.paths(of: image.record)
            guard directories.isEmpty || paths.contains(where: isInScope) else { return true }
            var node = Node(
                code: code, content: image.record.content, id: image.id, hasSeveralPlaces: image.record.places.count > 1
            )
            if let between {
                node.isInbox = paths.contains { $0.isWithin(between.inbox) }
                node.isArchive = paths.contains { $0.isWithin(between.archive) }
                guard node.isInbox || node.isArchive else { return true }
            }
            node.isOfLowQuality = tier > .samePixels && image.record.isOfLowQuality
            // Only several files of one content can hold the same bytes.
            guard tier > .sameBytes || node.hasSeveralPlaces else { return true }
            nodes.append(node)
            return true
        }
        nodes.sort { a, b in
            if a.isOfLowQuality != b.isOfLowQuality { return b.isOfLowQuality }
            return a.code == b.code ? a.content.precedes(b.content) : a.code.precedes(b.code)
        }
        return nodes
    }

    func isInScope(_ path: ImagePath) -> Bool {
        directories.isEmpty || directories.contains { path.isWithin($0) }
    }

    // MARK: Groups

    /// Nodes that may be one group, and by which tier at most.
    private typealias Candidates = (members: [Int], tier: DuplicateTier)

    /// By which tier at most images of the node's code may be joined.
    private func loosestTier(_ node: Node) -> DuplicateTier { node.isOfLowQuality ? .samePixels : tier }

    /// Groups of nodes of which every two are near; of the strict tiers, each node of several files, or all of one code.
    private func cliques(_ snapshot: borrowing Snapshot, _ nodes: [Node]) throws -> [Candidates] {
        guard tier > .sameBytes else { return nodes.indices.map { ([$0], tier) } }
        let classes = CodeClasses(nodes)
        var cliques = CodeCliques()
        try forEachPair(of: classes, snapshot) { cliques.add($0, $1, distance: $2) }
        let groups = cliques.groups()
        let joined = Set(groups.joined())
        // Most images are alone: nothing more is to be made of those.
        let alone = classes.ranges.indices.filter { number in
            let range = classes.ranges[number]
            return !joined.contains(number) && (range.count > 1 || nodes[range.lowerBound].hasSeveralPlaces)
        }.map { [$0] }
        return (groups + alone).map { group in
            let members = group.flatMap { Array(classes.ranges[$0]) }
            return (members, loosestTier(nodes[members[0]]))
        }
    }

    /// For each archived image that some are near to: those of the inbox to which no other archived image is nearer. Where pixels decide,
    /// all of one code.
    private func stars(_ snapshot: borrowing Snapshot, _ nodes: [Node]) throws -> [Candidates] {
        guard tier > .sameBytes else {
            return nodes.indices.filter { nodes[$0].isArchive && nodes[$0].isInbox }.map { ([$0], tier) }
        }
        let classes = CodeClasses(nodes)
        let isStrict = classes.ranges.map { loosestTier(nodes[$0.lowerBound]) == .samePixels }
        let strict = classes.ranges.indices.filter { isStrict[$0] }.map { Array(classes.ranges[$0]) }
            .filter { $0.contains { nodes[$0].isArchive } && $0.contains { nodes[$0].isInbox } }
        var near: [Int: [(distance: Int, other: Int)]] = [:]
        try forEachPair(of: classes, snapshot) { a, b, distance in
            near[a, default: []].append((distance, b))
            near[b, default: []].append((distance, a))
        }
        var members: [Int: [Int]] = [:]
        for node in nodes.indices where nodes[node].isInbox && !nodes[node].isArchive {
            let number = classes.numbers[node]
            if isStrict[number] { continue }
            let order = ([(0, number)] + near[number, default: []]).sorted {
                ($0.distance, $0.other) < ($1.distance, $1.other)
            }
            let candidates = order.lazy.flatMap { classes.ranges[$0.other] }.filter { nodes[$0].isArchive }
            for archived in candidates
            where try !snapshot.areDifferent(nodes[node].content, nodes[archived].content) {
                members[archived, default: []].append(node)
                break
            }
        }
        let stars = nodes.indices.filter { nodes[$0].isArchive && !isStrict[classes.numbers[$0]] }
            .map { [$0] + (members[$0] ?? []) }
            .filter { $0.count > 1 || nodes[$0[0]].isInbox }
        return strict.map { ($0, .samePixels) } + stars.map { ($0, tier) }
    }

    /// Calls `body` on every two classes of different codes that are near one another.
    private func forEachPair(
        of classes: CodeClasses, _ snapshot: borrowing Snapshot, _ body: (Int, Int, Int) -> Void
    ) throws {
        guard radius > 0 else { return }
        try snapshot.forEachPair(within: radius) { pair in
            if pair.distance > 0, let a = classes.class(ofFirst: pair.a), let b = classes.class(ofFirst: pair.b) {
                body(a, b, pair.distance)
            }
            return true
        }
    }
}

/// Runs of nodes with equal codes, those of low quality apart.
private struct CodeClasses {
    /// The nodes of each class.
    private(set) var ranges: [Range<Int>] = []
    /// For each node its class.
    private(set) var numbers: [Int] = []
    /// The ids of the first nodes of the classes that may be near others, ascending, with their classes.
    private var firsts: [(id: UInt64, number: Int)] = []

    init(_ nodes: [DuplicateSearch.Node]) {
        for node in nodes.indices {
            if let last = ranges.last, nodes[last.lowerBound].code == nodes[node].code,
                nodes[last.lowerBound].isOfLowQuality == nodes[node].isOfLowQuality
            {
                ranges[ranges.count - 1] = last.lowerBound..<node + 1
            } else {
                if !nodes[node].isOfLowQuality { firsts.append((nodes[node].id, ranges.count)) }
                ranges.append(node..<node + 1)
            }
            numbers.append(ranges.count - 1)
        }
        firsts.sort { $0.id < $1.id }
    }

    /// The class whose first node has the id; nil where another node has it, or none.
    func `class`(ofFirst id: UInt64) -> Int? {
        var (low, high) = (0, firsts.count)
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < firsts.count && firsts[low].id == id ? firsts[low].number : nil
    }
}

extension ImageRecord {
    /// Whether the code says too little to find copies by.
    var isOfLowQuality: Bool { quality.map { $0 < IngestSummary.leastQuality } ?? false }
}

extension ImageContent {
    /// Order of the hashes.
    fileprivate func precedes(_ other: ImageContent) -> Bool {
        (hash.high, hash.low, size) < (other.hash.high, other.hash.low, other.size)
    }
}

extension BinaryCode {
    /// Order of the bytes.
    fileprivate func precedes(_ other: BinaryCode) -> Bool {
        withUnsafeBytes { a in other.withUnsafeBytes { a.lexicographicallyPrecedes($0) } }
    }
}
