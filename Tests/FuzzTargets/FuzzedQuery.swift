import Foundation
import HashDB

/// A question to a store, made of any bytes. The answer must be that of a search of ten lines.
struct FuzzedQuery {
    private let plan: QueryPlan
    private let kind: UInt8
    private let number: Int
    private let ids: [UInt64]
    private let code: [UInt8]

    static var seeds: [[UInt8]] {
        (0..<7 as Range<UInt8>).map { kind in
            let number = withUnsafeBytes(of: Int64(3).littleEndian) { Array($0) }
            return [kind, kind % 3, 2] + number + [1, 2, 3, 4, 5, 6, 7, 8]
        }
    }

    /// A byte each for what is asked, for the plan and for the number of ids; the count or radius; ids of two bytes; the code.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        kind = rest.popFirst() ?? 0
        plan = QueryPlan.allCases[Int(rest.popFirst() ?? 0) % QueryPlan.allCases.count]
        let count = Int(rest.popFirst() ?? 0)
        number = Int(truncatingIfNeeded: Self.number(rest.prefix(8)))
        rest = rest.dropFirst(8)
        ids = (0..<count).map { Self.number(rest.dropFirst(2 * $0).prefix(2)) }
        code = Array(rest.dropFirst(2 * count).prefix(200))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private struct WrongAnswer: Error, CustomStringConvertible {
        let description: String
    }

    /// One store for all questions.
    private static let store = Result {
        let store = try FuzzTarget.scratchStore(bitWidth: 64, fill: fill)
        var items: [Item] = []
        try store.read { snapshot in
            try snapshot.forEachItem { item in
                items.append(item)
                return true
            }
        }
        return (store: store, items: items)
    }

    private static func fill(_ store: Store) throws {
        try store.bulkLoad { loader in
            for id in 0..<5000 as Range<UInt64> {
                let mixed = (id / 2 &* 0x9E37_79B9_7F4A_7C15) & 0x0FFF_00FF_FFFF_000F
                let bytes = (0..<8).map { UInt8(truncatingIfNeeded: mixed >> (8 * $0)) }
                try loader.append(id: id, code: BinaryCode(bytes: bytes))
            }
        }
        try store.write { transaction in
            for id in 0..<100 as Range<UInt64> { try transaction.delete(id * 3) }
            for id in 6000..<6100 as Range<UInt64> {
                try transaction.insert(id, code: BinaryCode(bytes: [UInt8](repeating: UInt8(id % 256), count: 8)))
            }
        }
    }

    /// - Throws: an error that is not documented, or what was answered wrongly.
    func run() throws {
        let (store, items) = try Self.store.get()
        let code = try BinaryCode(bytes: self.code)
        let choice = kind / 2 % 3
        let filter = [ItemFilter.all, .ids(ids), .excluding(ids)][Int(choice)]
        let known = Set(ids)
        let passing = items.filter { choice == 0 || known.contains($0.id) == (choice == 1) }
        let all = passing.map { Match(id: $0.id, distance: $0.code.hammingDistance(to: code)) }.sorted()
        let answer: [Match]
        let right: [Match]
        if kind % 2 == 0 {
            answer = try store.nearest(to: code, count: number, among: filter, plan: plan)
            right = Array(all.prefix(number))
        } else {
            answer = try store.within(radius: number, of: code, among: filter, plan: plan)
            right = all.filter { $0.distance <= number }
        }
        guard answer == right else {
            throw WrongAnswer(description: "\(answer.count) answers, \(right.count) are right")
        }
        _ = try store.read { try $0.item(UInt64(bitPattern: Int64(number))) }
    }
}
