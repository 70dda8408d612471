import CodeFiles
import Foundation
import TestSupport
import Testing

/// The parser of JSON, against what `JSONValue` writes and Foundation reads.
@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)[...]) }

    private static func value(_ generator: inout SplitMix64, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .unsigned(.random(in: 0...UInt64.max, using: &generator))
        case 3: .integer(.random(in: Int.min ... -1, using: &generator))
        case 4: .number(.random(in: -1e20...1e20, using: &generator) + 0.5e-3)
        case 5:
            .string(
                String(
                    String.UnicodeScalarView(
                        (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                            Unicode.Scalar(UInt32.random(in: 0...0x1_10FF, using: &generator))
                        })))
        case 6:
            .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(&generator, depth: depth + 1) })
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &generator)).map {
                    .init("m\($0)", value(&generator, depth: depth + 1))
                })
        }
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var generator = SplitMix64(seed: 9)
        for _ in 0..<500 {
            let value = Self.value(&generator, depth: 0)
            #expect(try read(value.description) == value)
            #expect(try read(value.indented) == value)
        }
        #expect(try read(JSONValue.text([0x61, 0xFF]).description) == .text([0x61, 0xFF]))
        #expect(try JSONReader.read([0x22, 0x61, 0xFF, 0x22][...]) == .text([0x61, 0xFF]))
        #expect(
            try read(" [1, -2, 1.5e3,\t\"\\ud83d\\ude00\\/\" ]\n")
                == .array([.unsigned(1), .integer(-2), .number(1500), "😀/"]))
    }

    /// Foundation is laxer in one point: it takes the last of two members of one name.
    @Test func whatFoundationRefusesIsRefused() throws {
        var generator = SplitMix64(seed: 10)
        var accepted = 0
        for _ in 0..<3000 {
            var bytes = Array(Self.value(&generator, depth: 0).description.utf8)
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[at] = Array("{}[]\":,0 e-\\un\u{1}".utf8).randomElement(using: &generator) ?? 0
            // A string that is no UTF-8 is a text to us.
            guard String(validating: bytes, as: UTF8.self) != nil, (try? JSONReader.read(bytes[...])) != nil else {
                continue
            }
            accepted += 1
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil,
                "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(accepted > 100)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "-", "1.", ".5", "1e", "+1", "tru", "nulll", "\"a",
        "\"\\x\"",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u+123\"", "\"\u{1}\"", "1 2", "{1:2}", "NaN", "[1 2]", "'a'",
        String(repeating: "[", count: 100_000),
    ]) func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }
}
