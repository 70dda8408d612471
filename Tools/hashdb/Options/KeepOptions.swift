import ArgumentParser
import ImageCodes

/// A command that is told which images stay.
protocol KeepsImages {
    /// What decides where `--keep` is not given, in words for its help.
    static var usualKeepRule: String { get }
}

/// Which image of a group stays.
struct KeepOptions<Command: KeepsImages>: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What decides which image of a group stays (default: \(Command.usualKeepRule)).", valueName: "rule"))
    var keep: KeepRule.Criterion?

    @Option(
        help: ArgumentHelp("Keep an image below this directory rather than any other.", valueName: "dir"),
        completion: .directory)
    var keepUnder: PathArgument?

    /// The rule, where one is asked for.
    func rule() throws -> KeepRule? {
        guard keep != nil || keepUnder != nil else { return nil }
        return KeepRule(keep ?? .mostPixels, under: try keepUnder.map { try $0.path.resolved() })
    }
}

extension KeepRule.Criterion: ExpressibleByArgument {}
