import CXXHash
import Foundation
import HashDB
import LMDB

/// Stores in which one entry is exchanged and its checksum put right, so that what lies behind the checksum is reached.
///
/// An input is which store, what is done with it (a bit for each thing), which entry (two bytes), and the entry's new bytes.
enum ExchangedEntry {
    /// A whole store, and what it holds.
    fileprivate struct Template: Sendable {
        let file: [UInt8]
        let entries: [Entry]
    }

    fileprivate struct Entry: Sendable {
        let database: String
        let key: [UInt8]
        let value: [UInt8]

        var isHeader: Bool { key == Array("header".utf8) }
    }

    /// What is done with a store, a bit each.
    private enum Action: UInt8, CaseIterable {
        case check = 1
        case search = 2
        case list = 4
        case join = 8
        case write = 16
        case fold = 32
        case load = 64
        case rebuild = 128
    }

    private static let templates = Result {
        try [
            (width: 16, spread: UInt64(1), withMerge: false), (width: 64, spread: 3, withMerge: false),
            (width: 256, spread: 1, withMerge: true), (width: 24, spread: 1, withMerge: false),
        ].map { try template(bitWidth: $0.width, spread: $0.spread, withMerge: $0.withMerge) }
    }

    // MARK: Inputs

    /// The header of each store, or an entry of each other kind, with each thing that can be done.
    static func seeds(headers: Bool) throws -> [[UInt8]] {
        var seeds: [[UInt8]] = []
        for (number, template) in try templates.get().enumerated() {
            var kinds: Set<[UInt8]> = []
            for (index, entry) in template.entries.enumerated() where entry.isHeader == headers {
                // Blocks of a kind differ in the segment's number, which comes first, and in their own, which comes last.
                let kind = Array(entry.database.utf8) + (entry.key.count == 16 ? entry.key[8..<12] : [])
                guard kinds.insert(kind).inserted else { continue }
                let place = [UInt8(index & 0xFF), UInt8(index >> 8)]
                for action in headers ? Action.allCases : [.check, .search, .fold, .rebuild] {
                    seeds.append([UInt8(number), action.rawValue] + place + entry.value)
                }
            }
        }
        return seeds
    }

    /// - Throws: an error that the store does not document.
    static func run(_ input: [UInt8], headers: Bool, scratch path: String) throws {
        let templates = try templates.get()
        guard input.count >= 4 else { return }
        let template = templates[Int(input[0]) % templates.count]
        let choice = template.entries.filter { $0.isHeader == headers }
        let wanted = (Int(input[2]) | Int(input[3]) << 8) % template.entries.count
        let entry =
            template.entries[wanted].isHeader == headers ? template.entries[wanted] : choice[wanted % choice.count]
        let value = entry.sealed(Array(input[4...]))

        defer { for suffix in ["", "-lock", "-new", "-new-lock"] { Environment.removeFile(path + suffix) } }
        try Data(template.file).write(to: URL(fileURLWithPath: path))
        let environment = try Environment.open(at: path, options: Self.environmentOptions)
        guard let database = try environment.databases(named: [entry.database])?.first else { return }
        try environment.asWriter(within: .seconds(10)) {
            try environment.write { transaction in
                try entry.key.withUnsafeBytes { key in
                    try value.withUnsafeBytes { try transaction.set(key, to: $0, in: database) }
                }
            }
        }
        for action in Action.allCases where input[1] & action.rawValue != 0 {
            do { try perform(action, path) } catch is HashDBError {} catch is LMDBError {}
        }
    }

    // MARK: What is done

    private static var options: Store.Options {
        var options = Store.Options()
        options.synchronous = false
        options.initialMapSize = 1 << 26
        options.folding.rowBlockBits = 8
        return options
    }

    private static var environmentOptions: Environment.Options {
        var options = Environment.Options()
        options.synchronous = false
        options.mapSize = 1 << 26
        options.maximumDatabases = 40
        return options
    }

    private static func perform(_ action: Action, _ path: String) throws {
        if action == .rebuild {
            _ = try Store.rebuild(path, to: path + "-new", options: options)
            return
        }
        let store = try Store.open(at: path, options: options)
        let query = try BinaryCode(bytes: (0..<store.bitWidth / 8).map { UInt8(truncatingIfNeeded: $0 * 77) })
        switch action {
        case .check:
            try store.read { try $0.checkInvariants() }
        case .search:
            try store.read { snapshot in
                for plan in QueryPlan.allCases {
                    _ = try snapshot.nearest(to: query, count: 3, plan: plan)
                    _ = try snapshot.within(radius: 5, of: query, plan: plan)
                }
                _ = try snapshot.nearest(to: [query, query, query, query, query], count: 2)
            }
        case .list:
            try store.read { snapshot in
                try snapshot.forEachItem { _ in true }
                try snapshot.forEachBucket { _ in true }
                try snapshot.forEachAttribute(withPrefix: "") { _, _ in true }
                for id in stride(from: UInt64(0), to: 4000, by: 577) { _ = try snapshot.item(id) }
                _ = try snapshot.statistics(occupancy: true)
            }
        case .join:
            var left = 200
            try store.read { snapshot in
                for plan in QueryPlan.allCases {
                    try snapshot.forEachPair(within: 1, plan: plan) { _ in
                        left -= 1
                        return left > 0
                    }
                }
            }
        case .write:
            try store.write { transaction in
                try transaction.upsert(5, code: query, payload: [1])
                try transaction.delete(9)
                try transaction.delete(4001)
                _ = try transaction.insert(code: query)
                try transaction.setAttribute([2], forKey: "key")
            }
        case .fold: try store.fold()
        case .load:
            try store.bulkLoad { loader in
                for id in stride(from: UInt64(3), to: 5000, by: 700) { try loader.append(id: id, code: query) }
            }
            try store.write { try $0.upsert(6, code: query) }
        case .rebuild: break
        }
    }

    // MARK: Stores

    private static func template(bitWidth: Int, spread: UInt64, withMerge: Bool) throws -> Template {
        let path = FuzzTarget.scratch()
        defer { for suffix in ["", "-lock"] { Environment.removeFile(path + suffix) } }
        try fill(path, bitWidth: bitWidth, spread: spread, withMerge: withMerge)
        let environment = try Environment.open(at: path, options: environmentOptions)
        var entries: [Entry] = []
        for name in try environment.databaseNames() {
            guard let database = try environment.databases(named: [name])?.first else { continue }
            try environment.read { transaction in
                try transaction.withCursor(database) { cursor in
                    var next = try cursor.first()
                    while let (key, value) = next {
                        entries.append(Entry(database: name, key: Array(key), value: Array(value)))
                        next = try cursor.next()
                    }
                }
            }
        }
        return Template(file: Array(try Data(contentsOf: URL(fileURLWithPath: path))), entries: entries)
    }

    /// Enough codes for tables of buckets, some of them equal; deleted ones; a delta; payloads; a merge that has begun.
    private static func fill(_ path: String, bitWidth: Int, spread: UInt64, withMerge: Bool) throws {
        var options = options
        options.folding.growth = 2
        options.folding.amount = withMerge ? 100_000 : 1 << 20
        let store = try Store.create(at: path, bitWidth: bitWidth, options: options)
        func code(_ number: UInt64) throws -> BinaryCode {
            let mixed = (number / 3 &* 0x9E37_79B9_7F4A_7C15).bigEndian
            return try BinaryCode(bytes: (0..<bitWidth / 8).map { UInt8(truncatingIfNeeded: mixed >> (8 * ($0 % 8))) })
        }
        for part in 0..<(withMerge ? 2 : 1) as Range<UInt64> {
            try store.bulkLoad { loader in
                for number in 0..<4200 as Range<UInt64> {
                    try loader.append(id: (4200 * part + number) * spread, code: code(number))
                }
            }
        }
        try store.write { transaction in
            for number in 0..<30 as Range<UInt64> {
                let payload: [UInt8]? = number % 3 == 0 ? [7] : nil
                try transaction.upsert(100_000 + spread * number, code: code(number), payload: payload)
                try transaction.delete(number * 40 * spread)
            }
            try transaction.setAttribute([1, 2, 3], forKey: "name")
        }
        try store.write { transaction in
            try transaction.delete(100_000)
            try transaction.delete(60 * spread)
        }
    }
}

extension ExchangedEntry.Entry {
    /// The value with the checksum that it would have, had the store itself written it.
    fileprivate func sealed(_ value: [UInt8]) -> [UInt8] {
        guard value.count >= 8 else { return value }
        let isLast = isHeader
        let isKeyed = database.hasSuffix("payloads") || database.hasSuffix("attributes")
        let seed = isKeyed ? key.withUnsafeBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, 0) } : 0
        let rest = isLast ? value.dropLast(8) : value.dropFirst(8)
        let sum = rest.withUnsafeBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
        let bytes = withUnsafeBytes(of: sum.littleEndian) { Array($0) }
        return isLast ? rest + bytes : bytes + rest
    }
}
