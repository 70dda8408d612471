import ArgumentParser
import ImageCodes

/// Which files below the folders are taken.
struct ScanOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take only files that match; a pattern with a / is compared with the path below the folder. May be repeated.",
            valueName: "glob"))
    var include: [PathArgument] = []

    @Option(help: ArgumentHelp("Pass over files and folders that match; may be repeated.", valueName: "glob"))
    var exclude: [PathArgument] = []

    @Flag(help: "Take hidden files and folders too.")
    var hidden = false

    @Flag(help: "Follow symbolic links to what lies outside the folders.")
    var followLinks = false

    @Flag(help: "Do not enter other file systems.")
    var oneFileSystem = false

    func validate() throws {
        for (name, patterns) in [("--include", include), ("--exclude", exclude)] {
            for pattern in patterns where !PathFilter.isPattern(pattern.path) {
                throw ValidationError("\(name) \(pattern.path): a [ without its ]; write \\[ for the character itself")
            }
        }
    }

    /// The same for the walk.
    var walking: DirectoryWalker.Options {
        var options = DirectoryWalker.Options()
        options.includesHidden = hidden
        options.followsLinks = followLinks
        options.staysOnFileSystem = oneFileSystem
        options.filter = PathFilter(including: include.map(\.path), excluding: exclude.map(\.path))
        return options
    }
}
