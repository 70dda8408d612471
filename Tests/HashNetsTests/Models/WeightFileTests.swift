import Foundation
import HashNets
import Testing

@Suite struct WeightFileTests {
    @Test func writesReplaceTheFileWholly() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/model.safetensors"
            let first = WeightFile(tensors: ["w": Tensor(shape: [2], values: [1, 2])], metadata: [:], path: path)
            let second = WeightFile(tensors: ["w": Tensor(shape: [1], values: [3])], metadata: ["k": "v"], path: path)
            try first.write(to: path)
            #expect(try WeightFile(reading: path) == first)
            try second.write(to: path)
            #expect(try WeightFile(reading: path) == second)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.safetensors"])
        }
    }

    @Test func aLinkUnderTheNameOfAnUnfinishedFileLeadsNowhere() throws {
        try withTemporaryFolder { folder in
            let (path, other) = (folder + "/model.safetensors", folder + "/other")
            let link = "\(path).\(getpid()).part"
            try Data("other".utf8).write(to: URL(fileURLWithPath: other))
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: other)
            let file = WeightFile(tensors: [:], metadata: ["k": "v"], path: path)
            try file.write(to: path)
            #expect(try WeightFile(reading: path) == file)
            #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == Data("other".utf8))
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == other)
        }
    }

    @Test func namesFilesThatCannotBeReadOrWritten() throws {
        try withTemporaryFolder { folder in
            #expect(
                throws: HashNetsError.weightFileUnreadable(
                    path: folder + "/none", reason: "it cannot be opened: No such file or directory")
            ) { try WeightFile(reading: folder + "/none") }
            #expect(
                throws: HashNetsError.weightFileUnreadable(path: folder, reason: "it is not a regular file")
            ) { try WeightFile(reading: folder) }
            #expect(
                throws: HashNetsError.weightFileUnwritable(
                    path: folder + "/no/file", reason: "it cannot be created: No such file or directory")
            ) { try WeightFile(tensors: [:], metadata: [:]).write(to: folder + "/no/file") }
        }
    }

    @Test func halfPrecisionRoundTripIsExactForHalves() throws {
        let halves = (UInt16.min...UInt16.max).map { Float(halfBits: $0) }.filter(\.isFinite)
        let file = WeightFile(tensors: ["w": Tensor(shape: [halves.count], values: halves)], metadata: [:])
        let bytes = try file.bytes(precision: .float16)
        #expect(try WeightFile(bytes: bytes, path: "memory") == file)
        #expect(bytes.count < 2 * halves.count + 200)
    }

    @Test func halfPrecisionRoundsToNearest() throws {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<20_000).map { _ in
            Float(generator.nextNormal())
                * Float(sign: .plus, exponent: .random(in: -28...13, using: &generator), significand: 1)
        }
        let file = WeightFile(tensors: ["w": Tensor(shape: [values.count], values: values)], metadata: [:])
        let read = try WeightFile(bytes: file.bytes(precision: .float16), path: "memory")
        #expect(read.tensors["w"]?.values == values.map { Float(roundedToHalf: $0) })
    }

    @Test func refusesToWriteWhatCannotBeRead() {
        func file(_ value: Float) -> WeightFile {
            WeightFile(tensors: ["w": Tensor(shape: [1], values: [value])], metadata: [:])
        }
        for value in [Float.nan, .infinity] {
            #expect(throws: HashNetsError.tensorNotFinite(path: "memory", tensor: "w")) {
                try file(value).bytes(precision: .float32)
            }
        }
        func refusal(_ file: WeightFile) -> String {
            do { return "\(try file.bytes(precision: .float16).count) bytes" } catch { return "\(error)" }
        }
        #expect(refusal(file(70_000)).contains("write it in float32") && refusal(file(65_519)).contains("float32"))
        var names = file(1)
        names.metadata["class_names"] = String(repeating: "a", count: 1 << 20)
        #expect(refusal(names).contains("could not be read again"))
    }
}

/// Calls the closure with a new folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
}

/// A second opinion on half precision, by arithmetic alone.
extension Float {
    init(halfBits bits: UInt16) {
        let exponent = Int(bits >> 10 & 31)
        let fraction = Float(bits & 1023) / 1024
        let magnitude: Float =
            switch exponent {
            case 0: fraction * Float(sign: .plus, exponent: -14, significand: 1)
            case 31: fraction == 0 ? .infinity : .nan
            default: (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
            }
        self = bits >> 15 == 1 ? -magnitude : magnitude
    }

    init(roundedToHalf value: Float) {
        let unit = Float(
            sign: .plus, exponent: Swift.max(value.isZero ? -14 : Int(value.exponent), -14) - 10, significand: 1)
        self = (value / unit).rounded(.toNearestOrEven) * unit
    }
}
