import Foundation
import HashDB
import TestSupport
import Testing

/// Codes and what comes with them, as values that travel.
struct ValueTests {
    @Test(arguments: [8, 16, 64, 72, 256, 264, 1024])
    func bitsAreThoseOfTheBytes(bitWidth: Int) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth))
        let bytes = (0..<bitWidth / 8).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let code = try BinaryCode(bytes: bytes)
        let expected: [Bool] = (0..<bitWidth).map { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        #expect(Array(code.bits) == expected)
        #expect(code.bits.count == bitWidth && code.bits.reversed() == expected.reversed())
        #expect(code.bits[3..<7].elementsEqual(expected[3..<7]))
        #expect(try BinaryCode(bits: code.bits) == code)
        #expect(try BinaryCode(bits: expected) == code)
        var rest = expected.makeIterator()
        #expect(try BinaryCode(bits: AnyIterator { rest.next() }) == code)
    }

    @Test func bitsThatAreNoCodeAreRefused() {
        for count in [0, 7, 12, 1032] {
            #expect(throws: HashDBError.self) { try BinaryCode(bits: repeatElement(true, count: count)) }
        }
        // Does not go on for ever.
        #expect(throws: HashDBError.invalidWidth(1025)) { try BinaryCode(bits: sequence(first: true) { $0 }) }
    }

    @Test func valuesComeBackFromJSON() throws {
        let code = try BinaryCode(hex: "00ff10")
        #expect(String(decoding: try JSONEncoder().encode([code]), as: UTF8.self) == "[\"00ff10\"]")
        func check<V: Codable & Equatable>(_ value: V) throws {
            #expect(try JSONDecoder().decode(V.self, from: JSONEncoder().encode(value)) == value)
        }
        try check([code, BinaryCode(zeros: 1024)])
        try check(Match(id: .max, distance: 3))
        try check(MatchedPair(9, 4, distance: 2))
        try check([Item(id: 1, code: code), Item(id: 2, code: code, payload: [1, 2])])
        try check(ModelIdentity(name: "a", fingerprint: "b"))
        try check(QueryPlan.allCases)
    }

    @Test(arguments: ["", "0", "0g", "00ff0", String(repeating: "00", count: 129)])
    func aStringThatIsNoCodeIsNamed(text: String) throws {
        let json = Data("{\"id\": 7, \"code\": \"\(text)\"}".utf8)
        let error = #expect(throws: DecodingError.self) { try JSONDecoder().decode(Item.self, from: json) }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["code"])
        #expect(context.debugDescription.contains("\"\(text.prefix(80))\""))
        #expect(context.underlyingError is HashDBError)
    }
}
