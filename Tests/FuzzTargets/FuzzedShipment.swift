import Foundation
import HashDB

/// A shipment of any bytes, with right checksums: a store takes it and is a whole store afterwards, or refuses it and is as before.
enum FuzzedShipment {
    private struct WasChanged: Error {}

    /// - Throws: An error that is not documented, or what is wrong with the store afterwards.
    static func run(_ bytes: [UInt8], scratch path: String) throws {
        let store = try follower(at: path, isEmpty: bytes.first ?? 0 == 0)
        let before = try store.read { $0.commitNumber }
        do {
            var shipment: [UInt8]? = ShipmentBlock.resealed(Array(bytes.dropFirst()))
            try store.receive {
                defer { shipment = nil }
                return shipment
            }
        } catch {
            guard try store.read({ $0.commitNumber }) == before else { throw WasChanged() }
            throw error
        }
        do { try store.read { try $0.checkInvariants() } } catch { throw WasChanged() }
    }

    /// A shipment of everything, and one that goes on from where the follower is.
    static func seeds(scratch path: String) throws -> [[UInt8]] {
        let leader = try follower(at: path, isEmpty: false)
        let position = try leader.read { try $0.position }
        try leader.write { transaction in
            try transaction.delete(3)
            for id in 100..<104 as Range<UInt64> {
                try transaction.insert(id, code: BinaryCode(bytes: [UInt8(id), 1]), payload: id == 101 ? [1, 2] : nil)
            }
            try transaction.setAttribute([9], forKey: "b")
            try transaction.setAttribute(nil, forKey: "a")
        }
        return try [nil, position].enumerated().map { index, position in
            var bytes = [UInt8(index)]
            try leader.read { snapshot in _ = try snapshot.ship(after: position) { bytes += $0 } }
            return bytes
        }
    }

    /// One and the same store each time, down to its position.
    private static func follower(at path: String, isEmpty: Bool) throws -> Store {
        func removeFiles() { for name in [path, path + "-lock"] { try? FileManager.default.removeItem(atPath: name) } }
        removeFiles()
        guard isEmpty else {
            try Data(try image.get()).write(to: URL(fileURLWithPath: path))
            return try Store.open(at: path, options: options)
        }
        return try Store.create(at: path, bitWidth: 16, options: options)
    }

    private static var options: Store.Options {
        var options = Store.Options()
        options.synchronous = false
        return options
    }

    /// The file of a store of ten items.
    private static let image = Result {
        let path = FuzzTarget.scratch()
        defer { for name in [path, path + "-lock"] { try? FileManager.default.removeItem(atPath: name) } }
        let store = try Store.create(at: path, bitWidth: 16, options: options)
        try store.write { transaction in
            for id in 0..<10 as Range<UInt64> { try transaction.insert(id, code: BinaryCode(bytes: [UInt8(id), 7])) }
            try transaction.setAttribute([1], forKey: "a")
        }
        try store.recordChanges()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }
}
