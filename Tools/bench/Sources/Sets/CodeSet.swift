/// Codes to be searched, and what is asked of them.
struct CodeSet {
    /// Queries of one kind.
    struct Queries {
        /// What kind: `rand` uniform; `0`, `2`, `4`, `8` a code of the set with that many bits flipped; `new` a fresh draw from the set's
        /// own distribution; `dup` a code with near-duplicates in the set; `dup8` eight codes at once, of which some have near-duplicates.
        let kind: String
        let codes: CodeArray
        /// How many codes are asked at once, back to back.
        var group = 1

        var count: Int { codes.count / group }
    }

    let name: String
    let codes: CodeArray
    let queries: [Queries]
    let operations: [Operation]
}

/// What is asked.
enum Operation: Hashable, Codable, CustomStringConvertible {
    case nearest(Int)
    case within(Int)

    var description: String {
        switch self {
        case .nearest(let count): "\(count)-NN"
        case .within(let radius): "range \(radius)"
        }
    }
}
