import LMDB

/// Changes the delta's blocks in memory and writes those that have changed.
struct DeltaEditor {
    private let shape: CodeShape
    private let databases: Databases
    private let path: String
    private var blocks: [Int: DeltaBlock] = [:]
    /// Entries, deleted ones among them.
    private(set) var count: Int

    init(count: Int, shape: CodeShape, databases: Databases, path: String) {
        self.count = count
        self.shape = shape
        self.databases = databases
        self.path = path
    }

    /// The position of an id that is in the delta.
    func position(of id: UInt64, _ transaction: borrowing WriteTransaction) throws -> Int? {
        guard let value = try withKey(id, { try transaction.value(of: $0, in: databases.deltaIDs) }) else { return nil }
        guard value.count == 4, Int(value.number(at: 0, as: UInt32.self)) < count else {
            throw HashDBError.damaged(path: path, part: "delta-ids, id \(id)", reason: "it names no entry")
        }
        return Int(value.number(at: 0, as: UInt32.self))
    }

    mutating func append(_ id: UInt64, _ code: BinaryCode, _ transaction: borrowing WriteTransaction) throws {
        let position = UInt32(count)
        try edit(count / DeltaBlock.blockCapacity, transaction) { $0.append(id, code, $1) }
        count += 1
        try withUnsafeBytes(of: position.littleEndian) { value in
            try withKey(id) { try transaction.set($0, to: value, in: databases.deltaIDs) }
        }
    }

    mutating func replaceCode(at position: Int, by code: BinaryCode, _ transaction: borrowing WriteTransaction) throws {
        try edit(position / DeltaBlock.blockCapacity, transaction) {
            $0.replaceCode(at: position % DeltaBlock.blockCapacity, by: code, $1)
        }
    }

    mutating func delete(_ id: UInt64, at position: Int, _ transaction: borrowing WriteTransaction) throws {
        try edit(position / DeltaBlock.blockCapacity, transaction) { block, _ in
            block.delete(at: position % DeltaBlock.blockCapacity)
        }
        try withKey(id) { _ = try transaction.remove($0, in: databases.deltaIDs) }
    }

    func write(to transaction: borrowing WriteTransaction) throws {
        for (index, block) in blocks {
            try block.encode().withUnsafeBytes { value in
                try withKey(UInt64(index)) { try transaction.set($0, to: value, in: databases.delta) }
            }
        }
    }

    private mutating func edit(
        _ index: Int, _ transaction: borrowing WriteTransaction, _ change: (inout DeltaBlock, CodeShape) -> Void
    ) throws {
        if blocks[index] == nil { blocks[index] = try load(index, transaction) }
        change(&blocks[index, default: DeltaBlock(index: index)], shape)
    }

    private func load(_ index: Int, _ transaction: borrowing WriteTransaction) throws -> DeltaBlock {
        guard index * DeltaBlock.blockCapacity < count else { return DeltaBlock(index: index) }
        guard let value = try withKey(UInt64(index), { try transaction.value(of: $0, in: databases.delta) }) else {
            throw DeltaBlock.damaged(path, index, "it is missing")
        }
        do {
            return try DeltaBlock(decoding: value, index: index, shape: shape)
        } catch {
            throw DeltaBlock.damaged(path, index, error.reason)
        }
    }
}
