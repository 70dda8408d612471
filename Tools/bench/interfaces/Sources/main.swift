// Asks a store through the Swift interface what measure.c and measure.py ask it: interfacebench STORE NEAR RANDOM THREADS
//
// NEAR and RANDOM are files of packed codes. For each question a line: its name, the microseconds of a query, and the sum of the distances
// found, which all must agree on.
import Foundation
import HashDB

func codes(_ path: String, bitWidth: Int) throws -> [BinaryCode] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return try stride(from: 0, to: bytes.count, by: bitWidth / 8).map {
        try BinaryCode(bytes: bytes[$0..<$0 + bitWidth / 8])
    }
}

/// The best of the passes over all queries within a second, at least three.
func measure(_ name: String, _ count: Int, _ pass: () async throws -> Int) async throws {
    var best = Double.infinity
    var sum = 0
    let start = ContinuousClock.now
    var passes = 0
    while passes < 3 || ContinuousClock.now - start < .seconds(1) {
        let before = ContinuousClock.now
        sum = try await pass()
        best = min(best, (ContinuousClock.now - before) / .microseconds(1) / Double(count))
        passes += 1
    }
    print("\(name)\t\(best)\t\(sum)")
}

func distances(_ matches: [Match]) -> Int { matches.reduce(0) { $0 + $1.distance } }

let arguments = CommandLine.arguments
let store = try Store.open(at: arguments[1], access: .readOnly)
let near = try codes(arguments[2], bitWidth: store.bitWidth)
let random = try codes(arguments[3], bitWidth: store.bitWidth)
let threads = Int(arguments[4]) ?? 1

func nearestInASnapshot() throws -> Int {
    try store.read { snapshot in try near.reduce(0) { try $0 + distances(snapshot.nearest(to: $1, count: 1)) } }
}

try await measure("nearest 1, store", near.count) {
    try near.reduce(0) { try $0 + distances(store.nearest(to: $1, count: 1)) }
}
try await measure("nearest 1, snapshot", near.count, nearestInASnapshot)
try await measure("within 8, store", near.count) {
    try near.reduce(0) { try $0 + distances(store.within(radius: 8, of: $1)) }
}
try await measure("nearest 10, store", random.count) {
    try random.reduce(0) { try $0 + distances(store.nearest(to: $1, count: 10)) }
}
for count in 1...threads {
    for (name, question, queries) in [
        ("within 8", BatchQuestion.within(8), near), ("nearest 10", .nearest(10), random),
    ] {
        try await measure("\(name), batch, threads \(count)", queries.count) {
            try await store.answers(question, to: queries, plan: .automatic, tasks: count).reduce(0) {
                $0 + distances($1)
            }
        }
    }
}
