/// What stands after the question mark, each name once.
struct QueryParameters {
    private let values: [String: String]

    /// - Throws: `ServiceError` for names that are not known, or given twice.
    init(_ request: HTTPRequest, known: Set<String>) throws(ServiceError) {
        var values: [String: String] = [:]
        for (name, value) in request.query {
            guard known.contains(name) else {
                throw ServiceError(
                    400,
                    "there is no parameter \(name.prefix(80)) here; there is \(known.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw ServiceError(400, "the parameter \(name) is given twice")
            }
        }
        self.values = values
    }

    func text(_ name: String) -> String? { values[name] }

    func number(_ name: String, in range: ClosedRange<Int>) throws(ServiceError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ServiceError(400, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func bool(_ name: String) throws(ServiceError) -> Bool {
        switch values[name]?.lowercased() {
        case nil, "false"?, "0"?: false
        case "true"?, "1"?: true
        default: throw ServiceError(400, "\(name) must be true or false")
        }
    }
}
