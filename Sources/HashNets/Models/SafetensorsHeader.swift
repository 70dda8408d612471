/// The header of a safetensors file: names, types, shapes and places of tensors, and free metadata.
///
/// The format (huggingface/safetensors, README "Format") is a 64-bit little-endian length, a JSON object of that
/// length, and the tensors' bytes without holes. Everything that the format forbids is refused here.
struct SafetensorsHeader: Equatable {
    /// One tensor's place in the bytes after the header.
    struct Entry: Equatable {
        let name: String
        let type: SafetensorsType
        let shape: [Int]
        let bytes: Range<Int>
    }

    /// What the format allows in principle; our files stay far below.
    static let largestHeader = 1 << 20
    static let largestTensorCount = 4096
    static let largestRank = 8
    static let longestName = 512
    /// Bytes of a file in which its header ends.
    static let largestBeginning = 8 + largestHeader

    /// Tensors in the order of their bytes.
    let entries: [Entry]
    /// The `__metadata__` object.
    let metadata: [String: String]
    /// Where the tensors' bytes begin in the file.
    let bufferStart: Int

    /// Checks a whole file; throws `SafetensorsFlaw` with the first thing that is wrong.
    init(file: [UInt8]) throws {
        try self.init(beginning: file, fileSize: file.count)
    }

    /// Checks a file of which the bytes are the beginning, `largestBeginning` of them if it has as many.
    init(beginning file: [UInt8], fileSize: Int) throws {
        guard file.count >= 8 else { throw SafetensorsFlaw("it ends inside the length of its header") }
        let length = file[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.largestHeader else { throw SafetensorsFlaw("its header claims \(length) bytes") }
        bufferStart = 8 + Int(length)
        guard bufferStart <= file.count else { throw SafetensorsFlaw("it ends inside its header") }

        var parser = SafetensorsParser(Array(file[8..<bufferStart]))
        let content = try parser.parseHeader()
        metadata = content.metadata
        entries = try Self.contiguous(
            content.tensors.map { try Entry($0) }, bufferSize: fileSize - bufferStart)
    }

    /// Sorts by place, and insists that tensors fill the buffer without holes or overlap.
    private static func contiguous(_ entries: [Entry], bufferSize: Int) throws -> [Entry] {
        let sorted = entries.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
        }
        var end = 0
        for entry in sorted {
            guard entry.bytes.lowerBound == end else {
                throw SafetensorsFlaw("tensor \"\(entry.name)\" does not begin where the one before it ends")
            }
            end = entry.bytes.upperBound
        }
        guard end == bufferSize else {
            throw SafetensorsFlaw("its tensors need \(end) bytes and it holds \(bufferSize)")
        }
        return sorted
    }
}

extension SafetensorsHeader.Entry {
    /// Checks type, rank, and that the byte count is that of type and shape.
    fileprivate init(_ description: SafetensorsParser.TensorDescription) throws {
        let name = description.name
        guard let type = SafetensorsType(rawValue: description.type) else {
            throw SafetensorsFlaw("tensor \"\(name)\" has the unknown type \"\(description.type)\"")
        }
        guard description.shape.count <= SafetensorsHeader.largestRank else {
            throw SafetensorsFlaw("tensor \"\(name)\" has \(description.shape.count) dimensions")
        }
        var size = type.byteCount
        for side in description.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: side)
            guard !overflow else { throw SafetensorsFlaw("the shape of tensor \"\(name)\" overflows") }
            size = product
        }
        guard description.begin <= description.end, description.end - description.begin == size else {
            throw SafetensorsFlaw("the offsets of tensor \"\(name)\" do not fit its shape")
        }
        self.init(name: name, type: type, shape: description.shape, bytes: description.begin..<description.end)
    }
}

/// Types of numbers that whole bytes hold; the format's smaller ones have no use here.
enum SafetensorsType: String {
    case bool = "BOOL"
    case unsigned8 = "U8"
    case signed8 = "I8"
    case float8e5m2 = "F8_E5M2"
    case float8e4m3 = "F8_E4M3"
    case signed16 = "I16"
    case unsigned16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case signed32 = "I32"
    case unsigned32 = "U32"
    case float32 = "F32"
    case complex64 = "C64"
    case float64 = "F64"
    case signed64 = "I64"
    case unsigned64 = "U64"

    /// Bytes of one number.
    var byteCount: Int {
        switch self {
        case .bool, .unsigned8, .signed8, .float8e5m2, .float8e4m3: 1
        case .signed16, .unsigned16, .float16, .bfloat16: 2
        case .signed32, .unsigned32, .float32: 4
        case .complex64, .float64, .signed64, .unsigned64: 8
        }
    }
}

/// What is wrong with a file's bytes.
struct SafetensorsFlaw: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
