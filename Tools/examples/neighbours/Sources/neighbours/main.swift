// Exact nearest neighbours among a few binary codes: neighbours [STORE], a file that is not there yet.
import HashDB

let path = CommandLine.arguments.dropFirst().first ?? "neighbours.hashdb"
let store = try Store.create(at: path, bitWidth: 64)

// One transaction: all of it or nothing.
try store.write { transaction in
    try transaction.insert(1, code: BinaryCode(hex: "0000000000000000"))
    try transaction.insert(2, code: BinaryCode(hex: "0000000000000007"), payload: Array("a note".utf8))
    try transaction.insert(3, code: BinaryCode(hex: "ffffffffffffffff"))
    try transaction.insert(4, code: BinaryCode(hex: "00000000000000ff"))
}

let query = try BinaryCode(hex: "0000000000000003")
print("the two nearest to \(query.hex):")
for match in try store.nearest(to: query, count: 2) {
    print("  id \(match.id) at distance \(match.distance)")
}
print("within radius 6:")
for match in try store.within(radius: 6, of: query) {
    print("  id \(match.id) at distance \(match.distance)")
}
