/// Names of classes as one text in a weight file's metadata.
package enum ClassNames {
    /// Names with commas between; a comma in a name becomes %2C, a per cent sign %25.
    package static func joined(_ names: [String]) -> String {
        names.map { name in
            var escaped = ""
            for character in name {
                switch character {
                case "%": escaped += "%25"
                case ",": escaped += "%2C"
                default: escaped.append(character)
                }
            }
            return escaped
        }.joined(separator: ",")
    }

    /// The names that a text joins.
    package static func split(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            // Two passes would turn %252C into a comma.
            var name = ""
            var rest = part[...]
            while let character = rest.first {
                if rest.hasPrefix("%2C") || rest.hasPrefix("%25") {
                    name += rest.hasPrefix("%2C") ? "," : "%"
                    rest = rest.dropFirst(3)
                } else {
                    name.append(character)
                    rest = rest.dropFirst()
                }
            }
            return name
        }
    }
}
