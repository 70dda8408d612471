import HashDB
import TestSupport

/// How the codes of a test are spread.
enum Distribution: String, CaseIterable, Sendable {
    case uniform, clustered, constant

    func codes(_ count: Int, bitWidth: Int, _ generator: inout SplitMix64) throws -> [BinaryCode] {
        func random() throws -> BinaryCode {
            try BinaryCode(bytes: (0..<bitWidth / 8).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        switch self {
        case .uniform: return try (0..<count).map { _ in try random() }
        case .constant: return [BinaryCode](repeating: try random(), count: count)
        case .clustered:
            let centres = try (0..<5).map { _ in try random() }
            return (0..<count).map { _ in
                var code = centres[Int.random(in: 0..<5, using: &generator)]
                for _ in 0..<Int.random(in: 0...max(1, bitWidth / 12), using: &generator) {
                    code[bit: Int.random(in: 0..<bitWidth, using: &generator)].toggle()
                }
                return code
            }
        }
    }
}

/// Ten obviously right lines: all matches in order.
func bruteForce(_ items: [UInt64: BinaryCode], _ query: BinaryCode) -> [Match] {
    items.map { id, code in
        let distance = zip(code.bytes, query.bytes).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        return Match(id: id, distance: distance)
    }
    .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
}
