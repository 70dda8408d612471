import HashDB
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A long random history of one store, of which every step is known from the seed and the step's number alone.
///
/// A process that carries it out may be killed anywhere: whoever knows the number of the last step that was acknowledged
/// knows what the store must hold.
package struct StoreHistory: Sendable {
    /// What one step does, as one transaction or one maintenance of the store.
    package enum Step: Sendable {
        /// Items put and removed in one transaction.
        case change([Change])
        /// Codes that come in at once, of which later ones replace earlier ones of the same id.
        case load(ids: [UInt64], codes: [BinaryCode])
        /// Everything merged into one segment.
        case fold
        /// A copy without free pages takes the place of the file.
        case compact
        /// The file is copied to `backupPath(of:)`, where an older copy is removed first.
        case backup
    }

    /// A change within a transaction.
    package enum Change: Sendable {
        case put(id: UInt64, code: BinaryCode, payload: [UInt8]?)
        case delete(id: UInt64)
        case deleteAll
        case attribute(String, [UInt8]?)
    }

    package let seed: UInt64
    /// Whether some steps compact or back up the store.
    package let hasCopies: Bool
    private let zeros: BinaryCode

    package init(seed: UInt64, copies: Bool = false) throws {
        self.seed = seed
        hasCopies = copies
        zeros = try BinaryCode(zeros: [16, 64, 48, 128, 256][Int(seed % 5)])
    }

    package var bitWidth: Int { zeros.bitWidth }

    /// Small segments, and little work on a merge at a time, so that a few steps go through all that a store does in years.
    package func options(synchronous: Bool) -> Store.Options {
        var options = Store.Options()
        options.synchronous = synchronous
        options.initialMapSize = 1 << 19
        options.folding.deltaEntries = seed % 2 == 0 ? 60 : 300
        options.folding.growth = 2 + Int(seed % 3)
        options.folding.amount = 2000
        options.folding.rowBlockBits = 6
        return options
    }

    /// The step of that number, the first being 1.
    package func step(_ number: Int) -> Step {
        var generator = SplitMix64(seed: seed &* 0x9E37_79B9 &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        switch Int.random(in: 0..<(hasCopies ? 16 : 12), using: &generator) {
        case 0: return .fold
        case 12, 13: return .compact
        case 14, 15: return .backup
        case 1:
            let count = Int.random(in: 1...600, using: &generator)
            return .load(
                ids: (0..<count).map { _ in UInt64.random(in: 0..<2500, using: &generator) },
                codes: (0..<count).map { _ in randomCode(&generator) })
        case 2: return .change([change(&generator)])
        default:
            var changes = (0..<Int.random(in: 1...120, using: &generator)).map { _ in change(&generator) }
            // Now and then nothing is left in the midst of it.
            if (UInt64(number) &+ seed) % 36 == 13 { changes.insert(.deleteAll, at: changes.count / 2) }
            return .change(changes)
        }
    }

    private func change(_ generator: inout SplitMix64) -> Change {
        let id = UInt64.random(in: 0..<2000, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<3: return .delete(id: id)
        case 3:
            let value = [UInt8](repeating: UInt8(id % 256), count: Int.random(in: 0..<600, using: &generator))
            return .attribute("key \(id % 40)", Bool.random(using: &generator) ? value : nil)
        default:
            // Some payloads take pages of their own.
            let bytes = [0, 3, 200, 5000][Int.random(in: 0..<4, using: &generator)]
            let payload = bytes == 0 ? nil : [UInt8](repeating: UInt8(bytes % 256) ^ UInt8(id % 256), count: bytes)
            return .put(id: id, code: randomCode(&generator), payload: payload)
        }
    }

    private func randomCode(_ generator: inout SplitMix64) -> BinaryCode {
        var code = zeros
        for bit in 0..<bitWidth where Bool.random(using: &generator) { code[bit: bit] = true }
        return code
    }
}

extension StoreHistory {
    /// Where the last copy of a store is.
    package static func backupPath(of store: String) -> String { store + "-backup" }

    /// Carries out a step on a store, which is opened with these options where it has to be.
    package func perform(_ number: Int, on store: inout Store?, at path: String, options: Store.Options) throws {
        switch step(number) {
        case .compact:
            store = nil
            try Store.compact(path, options: options)
        case .backup:
            let copy = Self.backupPath(of: path)
            unlink(copy)
            try Store.backup(path, to: copy, options: options)
        case let step:
            let opened = try store ?? Store.open(at: path, options: options)
            store = opened
            try perform(step, on: opened)
        }
    }

    /// Carries out a step that copies nothing.
    package func perform(_ number: Int, on store: Store) throws {
        try perform(step(number), on: store)
    }

    private func perform(_ step: Step, on store: Store) throws {
        switch step {
        case .compact, .backup: break
        case .fold: try store.fold()
        case .load(let ids, let codes):
            try store.loading(runLength: 200) { loader in
                for (id, code) in zip(ids, codes) { try loader.append(id: id, code: code) }
            }
        case .change(let changes):
            try store.write { transaction in
                for change in changes {
                    switch change {
                    case .put(let id, let code, let payload):
                        try transaction.upsert(id, code: code, payload: payload)
                    case .delete(let id): try transaction.delete(id)
                    case .deleteAll: transaction.deleteAll()
                    case .attribute(let key, let value): try transaction.setAttribute(value, forKey: key)
                    }
                }
            }
        }
    }
}
