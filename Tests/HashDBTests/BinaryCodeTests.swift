import HashDB
import TestSupport
import Testing

struct BinaryCodeTests {
    @Test(arguments: [8, 16, 64, 72, 256, 264, 1024])
    func bytesHexAndBitsAgree(bitWidth: Int) throws {
        var generator = SplitMix64(seed: UInt64(bitWidth))
        let bytes = (0..<bitWidth / 8).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let code = try BinaryCode(bytes: bytes)
        #expect(code.bitWidth == bitWidth)
        #expect(code.bytes == bytes)
        #expect(try BinaryCode(hex: code.hex) == code)
        #expect(try BinaryCode(hex: code.hex.uppercased()) == code)
        #expect(BinaryCode(String(code)) == code)
        #expect((0..<bitWidth).allSatisfy { code[bit: $0] == (bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1) })
        var other = code
        for bit in stride(from: 0, to: bitWidth, by: 5) { other[bit: bit].toggle() }
        #expect(other != code)
        #expect(other.hammingDistance(to: code) == (bitWidth + 4) / 5)
        #expect(code.hammingDistance(to: code) == 0)
    }

    @Test func anIntegerHasTheCodeOfItsDigits() throws {
        #expect(BinaryCode(UInt64(0x0123_4567_89ab_cdef)).hex == "0123456789abcdef")
        #expect(BinaryCode(UInt64(bitPattern: -2)).hex == "fffffffffffffffe")
        try checkIntegers(UInt8.self)
        try checkIntegers(UInt16.self)
        try checkIntegers(UInt32.self)
        try checkIntegers(UInt64.self)
        try checkIntegers(UInt128.self)
        // A code of another width is none of the type's, whatever its value.
        #expect(UInt32(exactly: BinaryCode(UInt64(7))) == nil && UInt64(exactly: BinaryCode(UInt32(7))) == nil)
        #expect(try UInt64(exactly: BinaryCode(zeros: 1024)) == nil)
    }

    private func checkIntegers<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type) throws {
        var generator = SplitMix64(seed: UInt64(Value.bitWidth))
        let random = (0..<100).map { _ in Value.random(in: .min ... .max, using: &generator) }
        for (value, other) in zip([.min, 1, .max, .max >> 1, .max << 1] + random, random) {
            let code = BinaryCode(value)
            let digits = String(value, radix: 16)
            #expect(code.bitWidth == Value.bitWidth)
            #expect(code.hex == String(repeating: "0", count: Value.bitWidth / 4 - digits.count) + digits)
            #expect(try BinaryCode(hex: code.hex) == code)
            #expect(Value(exactly: code) == value)
            #expect(code.hammingDistance(to: BinaryCode(other)) == (value ^ other).nonzeroBitCount)
        }
    }

    @Test func aBitIsSetWhereItIs() throws {
        var code = try BinaryCode(zeros: 1024)
        let place = code.withUnsafeBytes { $0.baseAddress }
        for bit in [0, 700, 1023] { code[bit: bit] = true }
        #expect(code.withUnsafeBytes { $0.baseAddress } == place)
        // But not in a copy.
        var other = code
        other[bit: 5] = true
        #expect(code.bits.count { $0 } == 3 && other.bits.count { $0 } == 4)
    }

    @Test func distanceBetweenWidthsTakesTheShorterAsEndingInZeros() throws {
        let short = try BinaryCode(hex: "ff")
        let long = try BinaryCode(hex: "0f01")
        #expect(short.hammingDistance(to: long) == 5)
        #expect(long.hammingDistance(to: short) == 5)
    }

    @Test func whatIsNoCodeIsRefused() {
        for hex in ["", "0", "0g", "00 0", "0x00", "é0", "00ff0"] {
            #expect(throws: HashDBError.invalidHex(hex)) { try BinaryCode(hex: hex) }
            #expect(BinaryCode(hex) == nil)
        }
        #expect(throws: HashDBError.invalidWidth(0)) { try BinaryCode(bytes: []) }
        #expect(throws: HashDBError.invalidWidth(1032)) { try BinaryCode(bytes: [UInt8](repeating: 0, count: 129)) }
        // More bits than can be counted.
        #expect(throws: HashDBError.invalidWidth(.max)) { try BinaryCode(bytes: repeatElement(0, count: .max)) }
        for bits in [-8, 0, 7, 12, 1032] {
            #expect(throws: HashDBError.invalidWidth(bits)) { try BinaryCode(zeros: bits) }
        }
    }
}
