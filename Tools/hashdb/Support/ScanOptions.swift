import ArgumentParser
import Foundation
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

    @Option(
        help: ArgumentHelp(
            "Take the files and folders listed in a file, a line each; - is standard input.", valueName: "file"))
    var filesFrom: PathArgument?

    @Flag(
        name: [.customShort("0"), .customLong("null")],
        help: "The list has a zero byte after each path instead of a line end.")
    var isNullSeparated = false

    func validate() throws {
        if isNullSeparated, filesFrom == nil { throw ValidationError("-0 is about the list of --files-from") }
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

    /// The paths of the list that lead anywhere; others are named and passed over.
    func listedPaths() throws -> [ImagePath] {
        guard let filesFrom else { return [] }
        let list = try TextFile.data(filesFrom.path.string)
        let separator = isNullSeparated ? 0 : UInt8(ascii: "\n")
        return list.split(separator: separator).compactMap { line in
            let path = ImagePath(bytes: Array(line))
            do { return try path.resolved() } catch {
                StandardError.warn("\(error)")
                return nil
            }
        }
    }
}
