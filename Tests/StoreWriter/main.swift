import Foundation
import HashDB
import StoreHistories

// storewriter STORE SEED FROM COUNT sync|nosync [copies] [retry]
//
// Makes the store if it is not there, carries out COUNT steps of the history SEED, the first being FROM, and says each
// on standard output as soon as it is done: one line with its number. With `copies` some steps compact the store or back it up. With `retry` a step that fails is said
// (`failed NUMBER MESSAGE`) and tried again.

func say(_ line: String) {
    var bytes = Array("\(line)\n".utf8)[...]
    while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        guard written > 0 else { exit(3) }
        bytes = bytes.dropFirst(written)
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 6, let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
    let count = Int(arguments[4])
else { exit(64) }
let path = arguments[1]
let history = try StoreHistory(seed: seed, copies: arguments.contains("copies"))
let options = history.options(synchronous: arguments[5] == "sync")
let attempts = arguments.last == "retry" ? 50 : 1

func trying<R>(_ name: String, _ body: () throws -> R) -> R {
    for _ in 0..<attempts {
        do { return try body() } catch { say("failed \(name) \(error)") }
    }
    exit(1)
}

var store: Store? = trying("0") {
    FileManager.default.fileExists(atPath: path)
        ? try Store.open(at: path, options: options)
        : try Store.create(at: path, bitWidth: history.bitWidth, options: options)
}
say("0")
for number in first..<first + count {
    trying("\(number)") { try history.perform(number, on: &store, at: path, options: options) }
    say("\(number)")
}
