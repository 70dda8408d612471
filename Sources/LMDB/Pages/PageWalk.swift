/// A walk over the trees of one commit of a file, which notes what is damaged and goes on beside it.
package final class PageWalk {
    /// What was found wrong so far.
    package private(set) var problems: [PageProblem]
    private let file: PageFile
    private let meta: PageFile.Meta
    /// Pages that some tree has.
    private var used: PageSet

    /// A walk over the commit at a place of `PageFile.metas`.
    package convenience init(_ file: PageFile, commit index: Int = 0) {
        self.init(file, file.metas[index])
        if index == 0 { problems = file.metaProblems }
    }

    /// A walk over a commit.
    init(_ file: PageFile, _ meta: PageFile.Meta) {
        self.file = file
        self.meta = meta
        problems = []
        used = PageSet(count: min(meta.lastPage, file.pageCount) + 1)
    }

    /// Looks at every page of every tree, and that no page has two uses.
    package func checkAll() { checkAll { _, _ in } }

    /// The same, telling now and then how many bytes were looked at, and the most that there are. What `progress` throws ends it.
    package func checkAll(_ progress: (_ done: Int, _ total: Int) throws -> Void) rethrows {
        var told = 0
        for name in names() {
            try forEachEntry(of: name) { _, _ in
                guard used.count - told >= 256 else { return }
                told = used.count
                try progress(used.count * file.pageSize, file.pageCount * file.pageSize)
            }
        }
        checkFreePages()
    }

    private func checkFreePages() {
        var beyond = Set<Int>()
        walk(meta.free, nil) { key, value in
            guard let bytes = self.contents(of: value, nil), key.count == 8, bytes.count >= 8, bytes.count % 8 == 0
            else {
                return self.note(0, nil, "a list of free pages is damaged")
            }
            let numbers = stride(from: 0, to: bytes.count, by: 8).map { at in
                (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
            }
            guard numbers[0] == numbers.count - 1 else { return self.note(0, nil, "a list of free pages is damaged") }
            for number in numbers.dropFirst() {
                guard let page = Int(exactly: number), page >= 2, page <= self.meta.lastPage else {
                    self.note(0, nil, "the list of free pages names page \(number)")
                    continue
                }
                // A free page may lie beyond the end of a file whose last pages were never written.
                guard page < self.file.pageCount else {
                    beyond.insert(page)
                    continue
                }
                if !self.used.insert(page) { self.note(page, nil, "it is in use and free as well") }
            }
        }
        // LMDB keeps a list of what it has not written; who makes up the length goes by the last page. Some pages more do no harm.
        if meta.lastPage - file.pageCount > beyond.count + 1 << 14 {
            note(0, nil, "its last page is \(meta.lastPage), and there are \(file.pageCount) pages")
        }
    }

    /// The named databases that can be found.
    package func names() -> [String] {
        roots().map(\.name)
    }

    /// Calls `body` on every entry of a database that can be read, in the order of keys.
    ///
    /// - Parameter body: Takes the key, and how to read the value, which is nil where that cannot be done.
    package func forEachEntry(
        of name: String, _ body: (_ key: [UInt8], _ value: () -> [UInt8]?) throws -> Void
    ) rethrows {
        guard let root = roots().first(where: { $0.name == name })?.root else { return }
        try walk(root, name) { key, value in try body(Array(key)) { self.contents(of: value, name) } }
    }

    private var knownRoots: [(name: String, root: TreeRoot)]?

    /// The roots of the named databases that can be found.
    func roots() -> [(name: String, root: TreeRoot)] {
        if let knownRoots { return knownRoots }
        var found: [(name: String, root: TreeRoot)] = []
        if meta.main.flags != 0 { note(0, nil, "the main tree is of another kind") }
        walk(meta.main, nil) { key, value in
            if case .tree(let root) = value { found.append((String(decoding: key, as: UTF8.self), root)) }
        }
        knownRoots = found
        return found
    }

    private func note(_ page: Int, _ database: String?, _ reason: String) {
        problems.append(PageProblem(page: page, database: database, reason: reason))
    }

    // MARK: Trees

    private func walk(
        _ root: TreeRoot, _ name: String?, _ body: (ArraySlice<UInt8>, Page.Value) throws -> Void
    ) rethrows {
        guard let page = root.page else {
            if root.entries != 0 { note(0, name, "\(root.entries) entries are nowhere") }
            return
        }
        // More levels than LMDB's own limit cannot be.
        guard (1...32).contains(root.depth), let first = Int(exactly: page), name == nil || root.flags == 0 else {
            return note(0, name, "the root is impossible")
        }
        var entries: UInt64 = 0
        let before = problems.count
        try descend(first, levels: root.depth, name) { key, value in
            entries += 1
            try body(key, value)
        }
        if problems.count == before, entries != root.entries {
            note(first, name, "there are \(entries) entries, not \(root.entries)")
        }
    }

    private func descend(
        _ number: Int, levels: Int, _ name: String?, _ body: (ArraySlice<UInt8>, Page.Value) throws -> Void
    ) rethrows {
        guard let (page, count) = open(number, levels: levels, name) else { return }
        var last: ArraySlice<UInt8>?
        for index in 0..<count {
            if levels > 1 {
                if let below = noting(number, name, { () throws(PageDamage) in try page.branch(index).page }) {
                    try descend(below, levels: levels - 1, name, body)
                }
                continue
            }
            guard let (key, value) = noting(number, name, { () throws(PageDamage) in try page.leaf(index) }) else {
                continue
            }
            // The tree of free pages orders its keys as numbers.
            if name != nil, let last, !last.lexicographicallyPrecedes(key) {
                note(number, name, "its keys are out of order")
            }
            last = key
            if claim(value, name) { try body(key, value) }
        }
    }

    /// A branch or leaf that nothing else uses.
    private func open(_ number: Int, levels: Int, _ name: String?) -> (Page, count: Int)? {
        noting(number, name) { () throws(PageDamage) in
            let page = try file.page(number, last: meta.lastPage)
            let kind = levels == 1 ? Page.leafFlag : Page.branchFlag
            guard page.flags == kind else { throw PageDamage("it is of the wrong kind") }
            guard used.insert(number) else { throw PageDamage("it is used twice") }
            return (page, try page.nodeCount())
        }
    }

    /// What `body` returns, or nil and a note of what it found wrong with a page.
    private func noting<R>(_ page: Int, _ name: String?, _ body: () throws(PageDamage) -> R) -> R? {
        do { return try body() } catch {
            note(page, name, error.reason)
            return nil
        }
    }

    /// Marks the pages of a value as used; whether that could be.
    private func claim(_ value: Page.Value, _ name: String?) -> Bool {
        guard case .pages(let first, let count) = value else { return true }
        let done: Void? = noting(first, name) { () throws(PageDamage) in
            let page = try file.page(first, last: meta.lastPage)
            guard page.flags == Page.overflowFlag else { throw PageDamage("it is of the wrong kind") }
            let pages = page.overflowPages
            guard pages >= 1, pages <= min(meta.lastPage + 1, file.pageCount) - first,
                count <= pages * file.pageSize - 16
            else { throw PageDamage("its value does not fit the file") }
            for number in first..<first + pages {
                guard used.insert(number) else { throw PageDamage("page \(number) of its value is used twice") }
            }
        }
        return done != nil
    }

    private func contents(of value: Page.Value, _ name: String?) -> [UInt8]? {
        switch value {
        case .bytes(let bytes): return Array(bytes)
        case .tree: return nil
        case .pages(let first, let count):
            return noting(first, name) { () throws(PageDamage) in
                try file.bytes(at: first * file.pageSize + 16, count: count)
            }
        }
    }
}
