import LMDB

/// Collects what a commit does to the delta, and writes the blocks that it changes.
struct DeltaEditor {
    private let shape: CodeShape
    private let databases: Databases
    private let path: String
    private var blocks: [Int: DeltaBlock] = [:]
    private var changed: Set<Int> = []
    private var added: CodeRun
    /// Entries, deleted ones among them, as of the last commit or, once this is written, the next.
    private(set) var count: Int

    init(count: Int, shape: CodeShape, databases: Databases, path: String) {
        self.count = count
        self.shape = shape
        self.databases = databases
        self.path = path
        added = CodeRun(shape: shape)
    }

    /// Deletes the entries of some ids. Returns how many those were.
    mutating func deleteAll(
        _ transaction: borrowing WriteTransaction, where isGone: (_ id: UInt64) throws -> Bool
    ) throws -> Int {
        var gone = 0
        for index in 0..<DeltaBlock.blocks(count) {
            let ids = try block(index, transaction).liveIDs
            for (position, id) in ids where try isGone(id) {
                try delete(at: index * DeltaBlock.blockCapacity + position, transaction)
                gone += 1
            }
        }
        return gone
    }

    /// Adds an item whose id is not there.
    mutating func add(_ id: UInt64, _ code: BinaryCode) { added.append(id, code) }

    /// Adds items whose ids are not there.
    mutating func add(_ run: CodeRun) { added.append(run) }

    mutating func replaceCode(at position: Int, by code: BinaryCode, _ transaction: borrowing WriteTransaction) throws {
        try edit(position, transaction) { $0.replaceCode(at: $1, by: code) }
    }

    mutating func delete(at position: Int, _ transaction: borrowing WriteTransaction) throws {
        try edit(position, transaction) { $0.delete(at: $1) }
    }

    mutating func write(to transaction: borrowing WriteTransaction) throws {
        if added.count > 0 { try append(transaction) }
        for index in changed.sorted() {
            try blocks[index]?.encode(index: index).withUnsafeBytes { value in
                try withKey(UInt64(index)) { try transaction.set($0, to: value, in: databases.delta) }
            }
        }
    }

    /// Puts what was added into new blocks, together with the last one's entries if that has room.
    private mutating func append(_ transaction: borrowing WriteTransaction) throws {
        let full = count / DeltaBlock.blockCapacity
        let hasRoom = count % DeltaBlock.blockCapacity > 0
        var run = hasRoom ? try block(full, transaction).live : CodeRun(shape: shape)
        run.append(added)
        run.sortKeepingLast()
        for index in 0..<DeltaBlock.blocks(run.count) {
            let start = index * DeltaBlock.blockCapacity
            blocks[full + index] = DeltaBlock(run[start..<min(start + DeltaBlock.blockCapacity, run.count)])
            changed.insert(full + index)
        }
        count = full * DeltaBlock.blockCapacity + run.count
    }

    private mutating func edit(
        _ position: Int, _ transaction: borrowing WriteTransaction, _ change: (inout DeltaBlock, Int) -> Void
    ) throws {
        let index = position / DeltaBlock.blockCapacity
        var edited = try block(index, transaction)
        blocks[index] = nil  // so that the bytes are changed in place
        change(&edited, position % DeltaBlock.blockCapacity)
        blocks[index] = edited
        changed.insert(index)
    }

    private mutating func block(_ index: Int, _ transaction: borrowing WriteTransaction) throws -> DeltaBlock {
        if let block = blocks[index] { return block }
        let block = DeltaBlock(
            copying: try DeltaBlock.view(index, shape, transaction, databases, path), shape: shape)
        blocks[index] = block
        return block
    }
}
