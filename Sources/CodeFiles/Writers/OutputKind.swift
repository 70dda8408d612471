/// A kind of files, told by how they begin and how long they are: enough to see that something else is in their place.
enum OutputKind {
    case codes(CodeFormat)
    case groundTruth
    /// A text without codes.
    case list

    /// The kind of a file of ids.
    static let ids = OutputKind.codes(.npy)

    /// Whether a file, which has a length, may be one.
    func includes(_ file: ByteInput) throws -> Bool {
        let size = file.length ?? 0
        let start = try file.read(4096, at: 0)
        let (first, second) = (start.number(at: 0, bytes: 4), start.number(at: 4, bytes: 4))
        let widths = 1...128
        switch self {
        case .codes(.npy): return start.starts(with: NPYHeader.magic)
        case .codes(.npz):
            // Other archives begin so, too.
            let name = start.dropFirst(30).prefix(start.number(at: 26, bytes: 2))
            return start.starts(with: [0x50, 0x4b, 3, 4]) && name.suffix(4).elementsEqual(".npy".utf8)
        case .codes(.faiss): return FaissHeader.isFaiss(start[...])
        case .codes(.u8bin): return widths.contains(second) && size == 8 + first * second
        case .codes(.bvecs): return widths.contains(first) && size % (4 + first) == 0
        case .codes(.records):
            guard first > 0 else { return size == 4 }
            return try size >= 8 + 9 * first && file.read(4, at: size - 4) == [0, 0, 0, 0]
        case .codes(let format): return Self.isText(file.path, format, start)
        // Text has no zeros.
        case .list: return !start.contains(0)
        case .groundTruth: return GroundTruthKind.allCases.contains { Self.isGroundTruth(file.path, $0) }
        }
    }

    /// Whether the first code can be read; of a table of none, the names of its columns.
    private static func isText(_ path: String, _ format: CodeFormat, _ start: [UInt8]) -> Bool {
        var options = CodeFileOptions()
        options.format = format
        do {
            _ = try CodeFile.open(path, options: options).next(upTo: 1)
            return true
        } catch {
            let fields = start.prefix { $0 != 0x0a }.split { $0 == UInt8(ascii: ",") || $0 == 0x09 }
            return fields.allSatisfy { CodeColumn(rawValue: String(decoding: $0, as: UTF8.self)) != nil }
        }
    }

    /// Whether the first query can be read: lengths alone are soon the same.
    private static func isGroundTruth(_ path: String, _ kind: GroundTruthKind) -> Bool {
        do {
            _ = try GroundTruthReader(path: path, kind: kind).next()
            return true
        } catch {
            return false
        }
    }
}
