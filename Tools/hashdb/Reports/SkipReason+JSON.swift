import CodeFiles
import ImageCodes

extension SkipReason {
    /// How many things were passed over for each reason that was met, for programs.
    static func json(_ counts: [SkipReason: Int]) -> JSONValue {
        .object(
            allCases.compactMap { reason in
                counts[reason].flatMap { $0 > 0 ? .init(reason.member, .integer($0)) : nil }
            })
    }

    /// What it is called in JSON.
    private var member: String {
        switch self {
        case .hidden: "hidden"
        case .trash: "trash"
        case .notAnImage: "not_an_image"
        case .formatNotRead: "format_not_read"
        case .symbolicLink: "symbolic_link"
        case .excluded: "excluded"
        case .otherFileSystem: "other_file_system"
        case .alreadyWalked: "already_walked"
        case .hardLink: "hard_link"
        case .special: "special"
        case .unreadable: "unreadable"
        case .loop: "loop"
        case .pathTooLong: "path_too_long"
        case .vanished: "vanished"
        }
    }
}
