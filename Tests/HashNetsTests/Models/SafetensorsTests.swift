import HashNets
import Testing

/// The strict reader: every point that the format demands, tried with files made by hand.
@Suite struct SafetensorsTests {
    @Test func readsWhatItWrites() throws {
        let file = WeightFile(
            tensors: [
                "b": Tensor(shape: [2, 3], values: [1, -2, 0.5, 1e-30, 3e38, -0.0]),
                "a": Tensor(shape: [], values: [7]),
                "empty": Tensor(shape: [0, 4], values: []),
            ],
            metadata: ["key": "quote \" backslash \\ newline \n unicode \u{1F426} control \u{1}", "": "empty key"])
        let bytes = try file.bytes(precision: .float32)
        #expect(try WeightFile(bytes: bytes, path: "memory") == file)
        let headerLength = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(headerLength.isMultiple(of: 8))
    }

    @Test func readsAFileWithoutTensors() throws {
        #expect(try read("{}").tensors.isEmpty)
        #expect(try read("{ }   ").tensors.isEmpty)
    }

    @Test func readsAllFloatingPointTypes() throws {
        let header = """
            {"half":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},\
            "brain":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},\
            "single":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},\
            "double":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}
            """
        let file = try read(
            header, [0, 0x3C, 0x80, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(file.tensors.mapValues(\.values) == ["half": [1], "brain": [1], "single": [1], "double": [1]])
    }

    @Test func refusesEveryTruncation() throws {
        let file = WeightFile(
            tensors: ["a": Tensor(shape: [2], values: [1, 2]), "b": Tensor(shape: [1], values: [3])],
            metadata: ["arch": "x"])
        let bytes = try file.bytes(precision: .float32)
        for length in 0..<bytes.count {
            #expect(throws: HashNetsError.self) { try WeightFile(bytes: Array(bytes.prefix(length)), path: "cut") }
        }
        #expect(throws: HashNetsError.self, "bytes after the last tensor") {
            try WeightFile(bytes: bytes + [0], path: "long")
        }
    }

    @Test func refusesHeaderLengthsBeyondTheFile() {
        let lengths: [UInt64] = [.max, .max - 7, 1 << 63, 1 << 32, 1 << 20, 1_048_577, 3]
        for length in lengths {
            let bytes = framed(Array("{}".utf8), length: length)
            #expect(throws: HashNetsError.self) { try WeightFile(bytes: bytes, path: "length \(length)") }
        }
    }

    /// Header, bytes of the buffer, and a part of the reason.
    static let flaws: [(String, Int, String)] = [
        (" {}", 0, "not a JSON object"),
        ("[]", 0, "not a JSON object"),
        ("{} x", 0, "follows"),
        ("{}\n", 0, "follows"),
        ("{", 0, "expected"),
        ("{\"a\":1}", 0, "expected"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},}", 4, "expected"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "expected"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}", 4, "expected"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "whole number"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}", 4, "whole number"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}", 4, "whole number"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,281474976710656]}}", 4, "too large"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}", 4, "whole number"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "lacks"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "lacks"),
        ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "lacks"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":\"\"}}", 4, "unknown field"),
        ("{\"a\":{\"dtype\":\"float32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown type"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "do not fit"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "do not fit"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "need 4"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "does not begin"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "dimensions"),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[281474976710655,281474976710655],\"data_offsets\":[0,4]}}", 4,
            "overflows"
        ),
        (
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6, "does not begin"
        ),
        (
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "does not begin"
        ),
        (
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", 8, "twice"
        ),
        ("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "twice"),
        ("{\"__metadata__\":{\"k\":\"1\",\"\\u006b\":\"2\"}}", 0, "twice"),
        ("{\"__metadata__\":{\"k\":1}}", 0, "expected"),
        ("{\"__metadata__\":{\"k\":{\"deeper\":{}}}}", 0, "expected"),
        ("{\"__metadata__\":{\"k\":\"\\ud800\"}}", 0, "surrogate"),
        ("{\"__metadata__\":{\"k\":\"\\udc00\"}}", 0, "surrogate"),
        ("{\"__metadata__\":{\"k\":\"\\ud800\\u0041\"}}", 0, "surrogate"),
        ("{\"__metadata__\":{\"k\":\"\\x\"}}", 0, "escape"),
        ("{\"__metadata__\":{\"k\":\"\\u12\"}}", 0, "escape"),
        ("{\"__metadata__\":{\"k\":\"tab\tinside\"}}", 0, "control"),
        ("{\"__metadata__\":{\"k\":\"no end}}", 0, "does not end"),
        (String(repeating: "{\"a\":", count: 10_000), 0, "unknown field"),
    ]

    @Test(arguments: flaws) func refusesFlawedHeaders(header: String, buffer: Int, reason: String) {
        do {
            _ = try read(header, [UInt8](repeating: 0, count: buffer))
            Issue.record("accepted \(header)")
        } catch HashNetsError.weightFileUnreadable(_, let found) {
            #expect(found.contains(reason), "\(header.prefix(100)): \(found)")
        } catch {
            Issue.record(error)
        }
    }

    @Test func refusesStringsThatAreNotUTF8() {
        var header = Array("{\"__metadata__\":{\"k\":\"?\"}}".utf8)
        for bad in [[0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            header.replaceSubrange(header.firstIndex(of: UInt8(ascii: "?")).map { $0..<$0 + 1 } ?? 0..<0, with: bad)
            #expect(throws: HashNetsError.self) { try WeightFile(bytes: framed(header), path: "utf8") }
            header = Array("{\"__metadata__\":{\"k\":\"?\"}}".utf8)
        }
    }

    @Test func refusesTooManyTensors() {
        let tensors = (0...4096).map { "\"\($0)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}" }
        #expect(throws: HashNetsError.self) { try read("{" + tensors.joined(separator: ",") + "}") }
        #expect(throws: Never.self) { try read("{" + tensors.dropLast().joined(separator: ",") + "}") }
    }

    @Test func refusesIntegersAndNumbersThatAreNotFinite() {
        let integer = "{\"steps\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}"
        #expect(throws: HashNetsError.tensorType(path: "test", tensor: "steps", found: "I64")) {
            try read(integer, [UInt8](repeating: 0, count: 8))
        }
        let single = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
        for bits in [[0, 0, 0x80, 0x7F], [0, 0, 0x80, 0xFF], [1, 0, 0xC0, 0x7F]] as [[UInt8]] {
            #expect(throws: HashNetsError.tensorNotFinite(path: "test", tensor: "w")) { try read(single, bits) }
        }
        let large = "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}"
        #expect(throws: HashNetsError.tensorNotFinite(path: "test", tensor: "w"), "1e308 is no single") {
            try read(large, [0xA0, 0xC8, 0xEB, 0x85, 0xF3, 0xCC, 0xE1, 0x7F])
        }
    }

    @Test func survivesRandomDamage() throws {
        let file = WeightFile(
            tensors: ["a": Tensor(shape: [2], values: [1, 2])], metadata: ["arch": "x", "bits": "8"])
        let bytes = try file.bytes(precision: .float32)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                damaged[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? WeightFile(bytes: damaged, path: "damaged")
        }
    }

    private func read(_ header: String, _ buffer: [UInt8] = []) throws -> WeightFile {
        try WeightFile(bytes: framed(Array(header.utf8)) + buffer, path: "test")
    }

    private func framed(_ header: [UInt8], length: UInt64? = nil) -> [UInt8] {
        let claimed = length ?? UInt64(header.count)
        return withUnsafeBytes(of: claimed.littleEndian) { [UInt8]($0) } + header
    }
}
