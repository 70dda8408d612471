import Foundation
import HashDB
import StoreHistories

// storewriter STORE SEED FROM COUNT sync|nosync [copies] [retry]
//
// Makes the store if it is not there, carries out COUNT steps of the history SEED, the first being FROM, and says each on standard output as
// soon as it is done: one line with its number. With `copies` some steps compact the store or back it up. With `retry` a step that fails is
// said (`failed NUMBER MESSAGE`) and tried again, 50 times at most; whenever one has failed, the store must hold what it held before, or
// what the step would have left.
//
// storewriter STORE compact
//
// Compacts the store again and again, and says how often it has.

func say(_ line: String) {
    var bytes = Array("\(line)\n".utf8)[...]
    while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        guard written > 0 else { exit(3) }
        bytes = bytes.dropFirst(written)
    }
}

let arguments = CommandLine.arguments
if arguments.count == 3, arguments[2] == "compact" {
    say("0")
    for number in 1... {
        do { try Store.compact(arguments[1]) } catch {
            say("failed \(number) \(error)")
            exit(1)
        }
        say("\(number)")
    }
}
guard arguments.count >= 6, let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
    let count = Int(arguments[4])
else { exit(64) }
let path = arguments[1]
let history = try StoreHistory(seed: seed, copies: arguments.contains("copies"))
let options = history.options(synchronous: arguments[5] == "sync")
let attempts = arguments.last == "retry" ? 50 : 1

/// What the store held before the step.
var model = StoreModel()
if attempts > 1 { for number in 1..<max(first, 1) { model.apply(history.step(number)) } }

/// What is wrong with the store after a step failed.
@MainActor func contradiction(after step: StoreHistory.Step?) -> String? {
    do {
        let found = try StoreModel(readingAllOf: Store.open(at: path, access: .readOnly))
        return found == model || step.map { found == model.after($0) } == true ? nil : "the store is another"
    } catch { return "\(error)" }
}

@MainActor func trying<R>(_ number: Int, _ body: () throws -> R) -> R {
    let step = number > 0 ? history.step(number) : nil
    for _ in 0..<attempts {
        do {
            let result = try body()
            if attempts > 1, let step { model.apply(step) }
            return result
        } catch { say("failed \(number) \(error)") }
        // A store that could not be made is not there.
        guard attempts > 1, step != nil || access(path, F_OK) == 0 else { continue }
        if let contradiction = contradiction(after: step) { say("wrong \(number) \(contradiction)") }
    }
    exit(1)
}

var store: Store? = trying(0) {
    if FileManager.default.fileExists(atPath: path) { return try Store.open(at: path, options: options) }
    let store = try Store.create(at: path, bitWidth: history.bitWidth, options: options)
    if history.seed % 2 == 1 { try store.recordChanges() }
    return store
}
say("0")
for number in first..<first + count {
    trying(number) { try history.perform(number, on: &store, at: path, options: options) }
    say("\(number)")
}
