import CLMDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An LMDB file read page by page, with every number in it checked before it is used.
///
/// LMDB trusts its pages: in a damaged file it may read beyond the map, which kills the process. This reader never maps the file
/// and believes nothing, so that such files can be examined and what is whole in them saved. It knows the layout of LMDB 0.9 on
/// 64-bit little-endian machines. Nobody must write meanwhile.
package final class PageFile {
    /// One of the two places that say where the trees of a commit begin.
    package struct Meta: Sendable {
        /// Number of the commit.
        package let transaction: UInt64
        /// The last page that the commit knows of.
        let lastPage: Int
        let free: TreeRoot
        let main: TreeRoot
        /// The bytes that say so, a page's header before them.
        let bytes: [UInt8]

        /// Whether it is there since the file was made, before the first commit.
        var isOfNewFile: Bool { transaction == 0 && lastPage == 1 && main.page == nil && free.page == nil }
    }

    package let path: String
    /// Bytes of a page.
    let pageSize: Int
    /// Whole pages in the file.
    let pageCount: Int
    /// The commits that can be found, the newest first; at least one.
    package let metas: [Meta]
    /// Which of the places of the two commits say what cannot be.
    let metaDamage: [PageProblem]
    /// What is wrong with the places of the two commits: their damage, and that they do not follow one another.
    package let metaProblems: [PageProblem]
    private let descriptor: Int32

    /// - Throws: `LMDBError`; `notAnEnvironment` where no commit can be found.
    package convenience init(path: String) throws {
        let descriptor = Self.openForReading(path)
        guard descriptor >= 0 else { throw LMDBError.fromErrno(path: path) }
        try self.init(owning: descriptor, path: path)
    }

    /// The file of a descriptor, which is closed in the end.
    ///
    /// - Throws: As `init(path:)`.
    init(owning descriptor: Int32, path: String) throws {
        do {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw LMDBError.fromErrno(path: path) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw LMDBError.notAnEnvironment(path: path, reason: "it is not a file")
            }
            // Where the second commit's place is depends on what the first says; if that is damaged, on the usual size.
            let length = Int(status.st_size)
            let first = Self.meta(at: 0, descriptor)
            let pageSize = (try? first.get().pageSize) ?? 4096
            let both = [first, Self.meta(at: pageSize, descriptor)].map { $0.flatMap { $0.at(pageSize) } }
            let found = both.compactMap { try? $0.get() }
            guard !found.isEmpty else {
                throw LMDBError.notAnEnvironment(path: path, reason: "neither of its first two pages names a commit")
            }
            metas = found.sorted { $0.transaction > $1.transaction }
            metaDamage = Self.damage(both)
            metaProblems = metaDamage + Self.disorder(found)
            self.pageSize = pageSize
            pageCount = length / pageSize
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Runs `body` on the file at `path` while nobody may write it, waiting for that no longer than `giveUp` does not throw.
    ///
    /// - Throws: `LMDBError`; `busy` where somebody writes for longer than `limit`; what `giveUp` and `body` throw.
    package static func examine<R>(
        _ path: String, within limit: Duration, giveUp: () throws -> Void = {}, _ body: (PageFile) throws -> R
    ) throws -> R {
        try FileSignature.checkFile(path)
        return try WriterLock(path: path).hold(within: limit, of: path, giveUp: giveUp) {
            try body(PageFile(path: path))
        }
    }

    private static func openForReading(_ path: String) -> Int32 {
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }

    /// A page by its number, whose header says that it is that page.
    func page(_ number: Int, last: Int) throws(PageDamage) -> Page {
        guard number >= 2, number <= last, number < pageCount else {
            throw PageDamage("there is no page \(number)")
        }
        return try Page(bytes(at: number * pageSize, count: pageSize), number: number)
    }

    /// Bytes from an offset.
    func bytes(at offset: Int, count: Int) throws(PageDamage) -> [UInt8] {
        guard let bytes = Self.read(descriptor, at: offset, count: count) else {
            throw PageDamage("bytes \(offset) to \(offset + count) cannot be read")
        }
        return bytes
    }

    /// Makes both places for commits name the trees of the newest, under a number that is not less than its own.
    ///
    /// Which of the two a reader takes is decided by the number of the last commit, which is in the lock file. That goes on with the commits of
    /// another file where one has taken the name: who has not noticed that yet would sometimes go back by a commit.
    func settle(on meta: Meta, as number: UInt64) throws {
        let own = meta.transaction & 1
        // At any moment one of them names the trees and has the greater number.
        for place in [own ^ 1, own] where place != own || number != meta.transaction {
            var page = Page(unchecked: meta.bytes)
            page.setNumber(Int(place))
            page.setCommit(number & 1 == place ? number : max(number, 1) - 1)
            let done = page.bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(Int(place) * pageSize))
            }
            guard done == page.bytes.count else { throw LMDBError.fromErrno(path: path) }
        }
    }

    private static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
            }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }

    private static func damage(_ metas: [Result<Meta, PageDamage>]) -> [PageProblem] {
        metas.enumerated().compactMap { number, result in
            guard case .failure(let problem) = result else { return nil }
            return PageProblem(page: number, database: nil, reason: problem.reason)
        }
    }

    /// How far apart the numbers of the two commits are.
    var metaDistance: UInt64 {
        guard let newest = metas.first, let oldest = metas.last else { return 0 }
        return newest.transaction - oldest.transaction
    }

    private static func disorder(_ metas: [Meta]) -> [PageProblem] {
        guard metas.count == 2, !follow(metas[0], metas[1]) else { return [] }
        let reason =
            "the commits at the first two pages, \(metas[0].transaction) and \(metas[1].transaction), do not follow one another"
        return [PageProblem(page: 0, database: nil, reason: reason)]
    }

    /// Commits take turns at the two places: even ones at the first, odd ones at the second. A new file has 0 at both, and its first commit
    /// may have any number: a lock file that another process has open goes on counting.
    private static func follow(_ first: Meta, _ second: Meta) -> Bool {
        let (even, odd) = (first.transaction, second.transaction)
        if first.isOfNewFile { return second.isOfNewFile || odd % 2 == 1 }
        if second.isOfNewFile { return even % 2 == 0 }
        return even % 2 == 0 && odd % 2 == 1 && max(even, odd) - min(even, odd) == 1
    }

    // Where a page that names a commit has what it says, from the end of its header on.
    static let metaBody = 16
    static let freeTree = 24
    static let mainTree = freeTree + TreeRoot.size
    static let lastPagePlace = mainTree + TreeRoot.size
    static let commitPlace = lastPagePlace + 8
    private static let metaSize = metaBody + commitPlace + 8

    /// A commit, and the size of pages that the same place tells.
    private struct SizedMeta {
        let meta: Meta
        let pageSize: Int

        /// The commit, in a file of pages of this size.
        func at(_ pageSize: Int) -> Result<Meta, PageDamage> {
            guard self.pageSize == pageSize else {
                return .failure(
                    PageDamage("it tells a page size of \(self.pageSize), where the other place tells \(pageSize)"))
            }
            return .success(meta)
        }
    }

    /// A page header of 16 bytes, then magic u32, version u32, address u64, size of the map u64, the tree of free pages and the
    /// main tree, 48 bytes each, the last page u64, the commit u64.
    private static func meta(at offset: Int, _ descriptor: Int32) -> Result<SizedMeta, PageDamage> {
        guard let bytes = read(descriptor, at: offset, count: metaSize) else {
            return .failure(PageDamage("the file ends before it"))
        }
        let page = Page(unchecked: bytes)
        let body = metaBody
        guard page.flags & Page.metaFlag != 0, page.number32(at: body) == 0xBEEF_C0DE else {
            return .failure(PageDamage("it does not name a commit"))
        }
        guard page.number32(at: body + 4) == 1 else {
            return .failure(PageDamage("it is of another version of LMDB"))
        }
        let pageSize = page.number32(at: body + freeTree)
        guard (512...65536).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            return .failure(PageDamage("it tells a page size of \(pageSize)"))
        }
        guard let lastPage = Int(exactly: page.number64(at: body + lastPagePlace)), lastPage < mostBytes / pageSize
        else { return .failure(PageDamage("its last page is impossible")) }
        let transaction = page.number64(at: body + commitPlace)
        guard transaction < 1 << 62 else { return .failure(PageDamage("its commit number is impossible")) }
        let meta = Meta(
            transaction: transaction, lastPage: lastPage, free: TreeRoot(page, at: body + freeTree),
            main: TreeRoot(page, at: body + mainTree), bytes: bytes)
        return .success(SizedMeta(meta: meta, pageSize: pageSize))
    }

    /// No file is longer than what can be mapped: 64 TiB.
    private static let mostBytes = 1 << 46
}

/// Why a page cannot be used.
struct PageDamage: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A page that is damaged, or named where it cannot be.
package struct PageProblem: Hashable, Sendable, CustomStringConvertible {
    /// The page's number.
    package let page: Int
    /// The database whose tree it is in; nil for the file's own trees.
    package let database: String?
    package let reason: String

    package var description: String {
        "page \(page)\(database.map { " of \"\($0)\"" } ?? ""): \(reason)"
    }
}
