extension JSONValue {
    /// The value as JSON text on many lines: each part has its own, two spaces further in than what it is a part of.
    package var indented: String {
        var text = ""
        write(to: &text, lineStart: "\n")
        return text
    }

    private func write(to text: inout String, lineStart: String) {
        let inner = lineStart + "  "
        switch self {
        case .array(let values) where !values.isEmpty:
            text += "["
            for (index, value) in values.enumerated() {
                text += index == 0 ? inner : "," + inner
                value.write(to: &text, lineStart: inner)
            }
            text += lineStart + "]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in members.enumerated() {
                text += index == 0 ? inner : "," + inner
                text += "\(JSONValue.string(member.name)) : "
                member.value.write(to: &text, lineStart: inner)
            }
            text += lineStart + "}"
        default: text += description
        }
    }
}
