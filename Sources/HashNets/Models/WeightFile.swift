/// Named tensors and metadata, as a safetensors file holds them.
package struct WeightFile: Equatable, Sendable {
    /// How numbers are stored.
    package enum Precision: Sendable {
        case float32, float16
    }

    /// Tensors by name.
    package var tensors: [String: Tensor]
    /// Strings by key.
    package var metadata: [String: String]
    /// Where the file was read, for messages.
    package var path: String

    /// Files are read whole. A model is far smaller, a checkpoint of a large network with Adam's averages has 1.3 GB.
    static let largestFile = 1 << 32

    /// Joins tensors and metadata that are to be written, or that need no file.
    package init(tensors: [String: Tensor], metadata: [String: String], path: String = "memory") {
        self.tensors = tensors
        self.metadata = metadata
        self.path = path
    }

    /// Reads and checks a whole file; throws `weightFileUnreadable`, `tensorType` or `tensorNotFinite`.
    package init(reading path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try readRegularFile(path, largest: Self.largestFile)
        } catch {
            throw HashNetsError.weightFileUnreadable(path: path, reason: error.reason)
        }
        try self.init(bytes: bytes, path: path)
    }

    /// The metadata of a file, of which the header alone is read; nil where there is no safetensors file.
    static func metadata(of path: String) -> [String: String]? {
        let beginning = try? readRegularFile(
            path, largest: largestFile, first: SafetensorsHeader.largestBeginning)
        return beginning.flatMap { try? SafetensorsHeader(beginning: $0.bytes, fileSize: $0.size) }?.metadata
    }

    /// Checks the bytes of a file.
    package init(bytes: [UInt8], path: String) throws {
        let header: SafetensorsHeader
        do {
            header = try SafetensorsHeader(file: bytes)
        } catch let flaw as SafetensorsFlaw {
            throw HashNetsError.weightFileUnreadable(path: path, reason: flaw.reason)
        }
        self.init(tensors: [:], metadata: header.metadata, path: path)
        for entry in header.entries {
            let start = header.bufferStart
            let range = start + entry.bytes.lowerBound..<start + entry.bytes.upperBound
            guard let values = bytes.withUnsafeBytes({ entry.type.floats(UnsafeRawBufferPointer(rebasing: $0[range])) })
            else {
                throw HashNetsError.tensorType(path: path, tensor: entry.name, found: entry.type.rawValue)
            }
            guard values.allSatisfy({ $0.isFinite }) else {
                throw HashNetsError.tensorNotFinite(path: path, tensor: entry.name)
            }
            tensors[entry.name] = Tensor(shape: entry.shape, values: values)
        }
    }

    /// Writes the file whole or not at all; throws `weightFileUnwritable` or `tensorNotFinite`.
    package func write(to path: String, precision: Precision = .float32) throws {
        let bytes = try bytes(precision: precision, path: path)
        do {
            try replaceFile(path, with: bytes)
        } catch {
            throw HashNetsError.weightFileUnwritable(path: path, reason: error.reason)
        }
    }

    /// The file's bytes: the header padded to a multiple of 8, tensors by name, those in single precision first.
    ///
    /// Running averages are few and may be out of half precision's range, so they are in single precision always.
    package func bytes(precision: Precision, path: String = "memory") throws -> [UInt8] {
        func isSingle(_ name: String) -> Bool { precision.keepsSingle(name) }
        var header = "{\"__metadata__\":{"
        header += metadata.sorted { $0.key < $1.key }
            .map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
        header += "}"
        var buffer: [UInt8] = []
        let sorted = tensors.sorted { $0.key < $1.key }
        for (name, tensor) in sorted.filter({ isSingle($0.key) }) + sorted.filter({ !isSingle($0.key) }) {
            let begin = buffer.count
            let type: SafetensorsType = isSingle(name) ? .float32 : .float16
            if type == .float32 {
                append(tensor.values.map { $0.bitPattern.littleEndian }, to: &buffer)
            } else {
                append(tensor.values.map { HalfPrecision.bits($0).littleEndian }, to: &buffer)
            }
            let largest: Float = type == .float32 ? .greatestFiniteMagnitude : 65504
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw HashNetsError.tensorNotFinite(path: path, tensor: name)
            }
            guard tensor.values.allSatisfy({ abs($0) <= largest }) else {
                throw HashNetsError.weightFileUnwritable(
                    path: path,
                    reason: "tensor \"\(name)\" has values that half precision cannot hold; write it in float32")
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            header += ",\(quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
            header += "\"data_offsets\":[\(begin),\(buffer.count)]}"
        }
        header += "}"
        header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let size = 8 + header.utf8.count + buffer.count
        guard header.utf8.count <= SafetensorsHeader.largestHeader, size <= Self.largestFile else {
            throw HashNetsError.weightFileUnwritable(
                path: path,
                reason: "of \(size) bytes, \(header.utf8.count) of them its header, it could not be read again")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        append([UInt64(header.utf8.count).littleEndian], to: &bytes)
        bytes += header.utf8
        bytes += buffer
        return bytes
    }
}

extension WeightFile.Precision {
    /// Whether a tensor is written in single precision.
    func keepsSingle(_ name: String) -> Bool {
        self == .float32 || name.hasSuffix(".running_mean") || name.hasSuffix(".running_var")
    }
}

extension SafetensorsType {
    /// Numbers as single precision; nil where the type is not one of floating point.
    fileprivate func floats(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
        func load<Bits: FixedWidthInteger>(_: Bits.Type, _ convert: (Bits) -> Float) -> [Float] {
            let size = MemoryLayout<Bits>.size
            return (0..<bytes.count / size).map {
                convert(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)))
            }
        }
        return switch self {
        case .float16: load(UInt16.self, HalfPrecision.value)
        case .bfloat16: load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float32: load(UInt32.self, Float.init(bitPattern:))
        case .float64: load(UInt64.self) { Float(Double(bitPattern: $0)) }
        default: nil
        }
    }
}

/// Appends the numbers' bytes as they lie in memory.
private func append(_ numbers: [some FixedWidthInteger], to bytes: inout [UInt8]) {
    numbers.withUnsafeBytes { bytes.append(contentsOf: $0) }
}

/// A JSON string.
private func quoted(_ string: String) -> String {
    var quoted = "\""
    for scalar in string.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case "\u{0}"..<" ":
            let digits = String(scalar.value, radix: 16)
            quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
