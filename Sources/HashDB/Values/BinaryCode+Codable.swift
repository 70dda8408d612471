extension BinaryCode: Codable {
    /// The code that a decoder has as a string of hexadecimal digits.
    ///
    /// - Throws: `DecodingError.dataCorrupted`, which names the string, if it is no code; others of the decoder.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(hex: text) } catch let error as HashDBError {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "\"\(text.prefix(80))\": \(error)",
                    underlyingError: error))
        }
    }

    /// Encodes the code as a string of hexadecimal digits, two for each byte, as `hex` has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
