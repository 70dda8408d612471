/// Copies the trees of one commit into a new file, page by page and without those that are free.
///
/// LMDB's own copy would believe every page. Here each is checked before it is used, as `PageWalk` does, and a damaged one ends the copy.
/// Pages are numbered anew in the order in which they are written, those below before those above, a value's before its leaf.
struct PageCopy {
    private let file: PageFile
    private let meta: PageFile.Meta
    private let output: PartialFile
    /// How much is done, and how much there is, in bytes. What it throws ends the copy.
    private let progress: (_ done: Int, _ total: Int) throws -> Void
    private var used: PageSet
    private var total = 0
    /// The number of the next page.
    private var next = Self.metaPages

    /// The pages at the beginning that name commits.
    static let metaPages = 2

    init(
        _ file: PageFile, _ meta: PageFile.Meta, to output: PartialFile,
        progress: @escaping (_ done: Int, _ total: Int) throws -> Void
    ) {
        self.file = file
        self.meta = meta
        self.output = output
        self.progress = progress
        used = PageSet(count: min(meta.lastPage, file.pageCount) + 1)
    }

    /// Writes the whole file; its size in bytes.
    ///
    /// - Throws: `LMDBError`; `damaged` where a page cannot be believed; what `progress` throws.
    mutating func run() throws -> Int {
        let trees = PageWalk(file, meta).roots().map(\.root) + [meta.main]
        let pages = trees.reduce(0) { $0 + min(Int(clamping: $1.pages), file.pageCount) }
        total = min(pages + Self.metaPages, file.pageCount) * file.pageSize
        let root = try copy(meta.main, isMain: true)
        try output.flush()
        try progress(next * file.pageSize, max(total, next * file.pageSize))
        try writeMetas(root: root)
        return next * file.pageSize
    }

    /// The commit keeps its number, so that who has the file's lock file open goes on counting from there. The one before has the same
    /// trees: whichever of the two is taken, it is right.
    private func writeMetas(root: UInt64?) throws {
        for number in 0..<Self.metaPages {
            let isLast = Int(meta.transaction & 1) == number
            var page = Page(unchecked: meta.bytes)
            page.setNumber(number)
            page.setCommit(isLast ? meta.transaction : max(meta.transaction, 1) - 1, root: root, lastPage: next - 1)
            let padding = [UInt8](repeating: 0, count: file.pageSize - meta.bytes.count)
            try output.write(page.bytes + padding, at: number * file.pageSize)
        }
    }

    // MARK: Trees

    /// Copies a tree and returns its new root.
    private mutating func copy(_ root: TreeRoot, isMain: Bool) throws -> UInt64? {
        guard let page = root.page else {
            guard root.entries == 0 else { throw damage(0, "\(root.entries) entries are nowhere") }
            return nil
        }
        guard (1...32).contains(root.depth), let first = Int(exactly: page), root.flags == 0 else {
            throw damage(0, "a root is impossible")
        }
        var entries: UInt64 = 0
        let new = try copy(page: first, levels: root.depth, isMain: isMain, &entries)
        guard entries == root.entries else {
            throw damage(first, "there are \(entries) entries, not \(root.entries)")
        }
        return UInt64(new)
    }

    private mutating func copy(page number: Int, levels: Int, isMain: Bool, _ entries: inout UInt64) throws -> Int {
        var (page, count) = try open(number, kind: levels == 1 ? Page.leafFlag : Page.branchFlag)
        var last: ArraySlice<UInt8>?
        for index in 0..<count {
            if levels > 1 {
                let below = try checking(number) { () throws(PageDamage) in try page.branch(index).page }
                let new = try copy(page: below, levels: levels - 1, isMain: isMain, &entries)
                try checking(number) { () throws(PageDamage) in try page.setBranch(index, page: new) }
                continue
            }
            let (key, value) = try checking(number) { () throws(PageDamage) in try page.leaf(index) }
            if let last, !last.lexicographicallyPrecedes(key) { throw damage(number, "its keys are out of order") }
            last = key
            entries += 1
            switch value {
            case .bytes: break
            case .pages(let first, let count):
                let new = try copyValue(first, count)
                try checking(number) { () throws(PageDamage) in try page.setPages(index, first: new) }
            case .tree(let root):
                guard isMain else { throw damage(number, "it has a tree where none can be") }
                let new = try copy(root, isMain: false)
                try checking(number) { () throws(PageDamage) in try page.setRoot(index, page: new) }
            }
        }
        return try append(page)
    }

    /// A branch or leaf that nothing else uses, and how many nodes it has.
    private mutating func open(_ number: Int, kind: Int) throws -> (Page, count: Int) {
        let (file, last) = (file, meta.lastPage)
        let page = try checking(number) { () throws(PageDamage) in try file.page(number, last: last) }
        guard page.flags == kind else { throw damage(number, "it is of the wrong kind") }
        guard used.insert(number) else { throw damage(number, "it is used twice") }
        return (page, try checking(number) { () throws(PageDamage) in try page.nodeCount() })
    }

    /// Copies the pages of a value and returns the new number of the first.
    private mutating func copyValue(_ first: Int, _ count: Int) throws -> Int {
        let (file, meta) = (file, meta)
        let page = try checking(first) { () throws(PageDamage) in try file.page(first, last: meta.lastPage) }
        let pages = page.overflowPages
        guard page.flags == Page.overflowFlag else { throw damage(first, "it is of the wrong kind") }
        guard pages >= 1, pages <= min(meta.lastPage + 1, file.pageCount) - first, count <= pages * file.pageSize - 16
        else { throw damage(first, "its value does not fit the file") }
        for number in first..<first + pages {
            guard used.insert(number) else { throw damage(first, "page \(number) of its value is used twice") }
        }
        let new = next
        var head = page
        head.setNumber(new)
        var done = 0
        while done < pages {
            let some = min(pages - done, Self.chunk)
            let at = (first + done) * file.pageSize
            let bytes = try checking(first) { () throws(PageDamage) in
                try file.bytes(at: at, count: some * file.pageSize)
            }
            try append(done == 0 ? head.bytes + bytes[file.pageSize...] : bytes)
            done += some
        }
        return new
    }

    /// The most pages of a value that are read at a time.
    private static let chunk = 256

    /// Writes a page behind the others and returns its new number.
    private mutating func append(_ page: Page) throws -> Int {
        let number = next
        var page = page
        page.setNumber(number)
        try append(page.bytes)
        return number
    }

    private mutating func append(_ bytes: [UInt8]) throws {
        next += bytes.count / file.pageSize
        if try output.append(bytes) { try progress(next * file.pageSize, max(total, next * file.pageSize)) }
    }

    private func checking<R>(_ page: Int, _ body: () throws(PageDamage) -> R) throws -> R {
        do { return try body() } catch { throw damage(page, error.reason) }
    }

    private func damage(_ page: Int, _ reason: String) -> LMDBError {
        .damaged(path: file.path, page: page, reason: reason)
    }
}
