/// The bytes of one page of an LMDB file: a header of 16 bytes (number u64, u16, flags u16, end of the table of nodes u16, start of the
/// nodes u16), the table of the nodes' offsets, u16 each, and from the end backwards the nodes.
///
/// Nothing is believed: whatever a page says is checked against its size.
struct Page {
    static let branchFlag = 1
    static let leafFlag = 2
    static let overflowFlag = 4
    static let metaFlag = 8
    private static let header = 16

    private(set) var bytes: [UInt8]

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    init(_ bytes: [UInt8], number: Int) throws(PageDamage) {
        self.bytes = bytes
        guard number64(at: 0) == UInt64(number) else { throw PageDamage("its header is another page's or damaged") }
    }

    var flags: Int { number16(at: 10) }

    /// The number of pages of the value that begins here.
    var overflowPages: Int { number32(at: 12) }

    /// How many nodes a branch or leaf has.
    func nodeCount() throws(PageDamage) -> Int {
        let (lower, upper) = (number16(at: 12), number16(at: 14))
        guard lower >= Self.header, lower % 2 == 0, lower <= upper, upper <= bytes.count else {
            throw PageDamage("its table of nodes is impossible")
        }
        return (lower - Self.header) / 2
    }

    /// A node of a branch: its key, and the page below.
    func branch(_ index: Int) throws(PageDamage) -> (key: ArraySlice<UInt8>, page: Int) {
        let at = try place(index)
        let page = number16(at: at) | number16(at: at + 2) << 16 | number16(at: at + 4) << 32
        return (try key(at), page)
    }

    /// What a leaf has under a key.
    enum Value {
        case bytes(ArraySlice<UInt8>)
        /// So many bytes on pages of their own, of which the number of the first is given.
        case pages(first: Int, count: Int)
        /// The root of a named database.
        case tree(TreeRoot)
    }

    /// A node of a leaf.
    func leaf(_ index: Int) throws(PageDamage) -> (key: ArraySlice<UInt8>, value: Value) {
        let at = try place(index)
        let count = number16(at: at) | number16(at: at + 2) << 16
        let kind = number16(at: at + 4)
        let key = try key(at)
        guard kind & ~3 == 0, kind != 3 else { throw PageDamage("node \(index) is of a kind that is not used") }
        let stored = kind & 1 != 0 ? 8 : count
        guard stored <= bytes.count - key.endIndex else { throw PageDamage("node \(index) goes beyond its page") }
        if kind & 1 != 0 {
            guard let first = Int(exactly: number64(at: key.endIndex)) else {
                throw PageDamage("node \(index) names an impossible page")
            }
            return (key, .pages(first: first, count: count))
        }
        if kind & 2 != 0 {
            guard count == TreeRoot.size else { throw PageDamage("node \(index) is no root") }
            return (key, .tree(TreeRoot(self, at: key.endIndex)))
        }
        return (key, .bytes(bytes[key.endIndex..<key.endIndex + count]))
    }

    /// A node: three u16, whose meaning depends on the page, length of the key u16, key, and in a leaf the value.
    private func place(_ index: Int) throws(PageDamage) -> Int {
        let at = number16(at: Self.header + 2 * index)
        guard at >= number16(at: 14), at % 2 == 0, at + 8 <= bytes.count else {
            throw PageDamage("node \(index) lies beyond its page")
        }
        return at
    }

    private func key(_ at: Int) throws(PageDamage) -> ArraySlice<UInt8> {
        let count = number16(at: at + 6)
        guard count <= bytes.count - at - 8 else { throw PageDamage("a key goes beyond its page") }
        return bytes[at + 8..<at + 8 + count]
    }

    // MARK: Numbering anew

    mutating func setNumber(_ number: Int) { set(UInt64(number), bytes: 8, at: 0) }

    /// Leads a node of a branch to another page.
    mutating func setBranch(_ index: Int, page: Int) throws(PageDamage) {
        set(UInt64(page), bytes: 6, at: try place(index))
    }

    /// Leads a node of a leaf, whose value lies on pages of its own, to other pages.
    mutating func setPages(_ index: Int, first: Int) throws(PageDamage) {
        set(UInt64(first), bytes: 8, at: try key(place(index)).endIndex)
    }

    /// Leads a node of a leaf, which has the root of a named database, to another root.
    mutating func setRoot(_ index: Int, page: UInt64?) throws(PageDamage) {
        set(page ?? .max, bytes: 8, at: try key(place(index)).endIndex + TreeRoot.pageOffset)
    }

    /// Makes the page of a commit name another one without free pages; `PageFile` says how it is laid out.
    mutating func setCommit(_ number: UInt64, root: UInt64?, lastPage: Int) {
        let (free, main, body) = (PageFile.freeTree, PageFile.mainTree, PageFile.metaBody)
        set(0, bytes: 2, at: body + free + TreeRoot.depthOffset)
        for offset in stride(from: TreeRoot.depthOffset + 2, to: TreeRoot.pageOffset, by: 8) {
            set(0, bytes: 8, at: body + free + offset)
        }
        set(.max, bytes: 8, at: body + free + TreeRoot.pageOffset)
        set(root ?? .max, bytes: 8, at: body + main + TreeRoot.pageOffset)
        set(UInt64(lastPage), bytes: 8, at: body + PageFile.lastPagePlace)
        setCommit(number)
    }

    /// Makes the page of a commit name another number.
    mutating func setCommit(_ number: UInt64) {
        set(number, bytes: 8, at: PageFile.metaBody + PageFile.commitPlace)
    }

    private mutating func set(_ number: UInt64, bytes count: Int, at offset: Int) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
    }

    func number16(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
    func number32(at offset: Int) -> Int { number16(at: offset) | number16(at: offset + 2) << 16 }
    func number64(at offset: Int) -> UInt64 {
        UInt64(number32(at: offset)) | UInt64(number32(at: offset + 4)) << 32
    }
}

/// Where a tree begins: u32, flags u16, depth u16, branch pages u64, leaf pages u64, overflow pages u64, entries u64, root u64.
struct TreeRoot: Sendable {
    static let size = 48
    /// Where a root has its depth, and its first page.
    static let depthOffset = 6
    static let pageOffset = 40

    /// How keys are ordered and whether they may repeat; 0 for a database of this package.
    let flags: Int
    let depth: Int
    let entries: UInt64
    /// How many pages the tree says that it has.
    let pages: UInt64
    /// The first page; nil where the tree is empty.
    let page: UInt64?

    /// Reads a root from bytes that the page is known to have.
    init(_ bytes: Page, at offset: Int) {
        flags = bytes.number16(at: offset + 4)
        depth = bytes.number16(at: offset + Self.depthOffset)
        entries = bytes.number64(at: offset + 32)
        pages = bytes.number64(at: offset + 8) &+ bytes.number64(at: offset + 16) &+ bytes.number64(at: offset + 24)
        let root = bytes.number64(at: offset + Self.pageOffset)
        page = root == .max ? nil : root
    }
}
