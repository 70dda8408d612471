import ArgumentParser
import HashNets

/// What a model computes in, by the names of `--arithmetic`.
extension HashModel.Arithmetic: ExpressibleByArgument {
    /// `single` or `bfloat16`.
    public init?(argument: String) {
        switch argument {
        case "single": self = .single
        case "bfloat16": self = .bfloat16
        default: return nil
        }
    }

    /// The name, in help.
    public var defaultValueDescription: String { name }

    /// The names, in help.
    public static var allValueStrings: [String] { ["single", "bfloat16"] }

    /// As people write it.
    var name: String {
        switch self {
        case .single: "single"
        case .bfloat16: "bfloat16"
        }
    }
}
