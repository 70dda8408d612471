import ArgumentParser
import Foundation
import ImageCodes

/// Files and folders that a list names.
struct PathList: ParsableArguments {
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
    }

    /// The paths of the list that lead anywhere; others are named, counted and passed over.
    func paths() throws -> (found: [ImagePath], missing: Int) {
        guard let filesFrom else { return ([], 0) }
        let list = try TextFile.data(filesFrom.path.string)
        let separator = isNullSeparated ? 0 : UInt8(ascii: "\n")
        let lines = list.split(separator: separator)
        let found = lines.compactMap { line -> ImagePath? in
            let path = ImagePath(bytes: Array(line))
            do { return try path.resolved() } catch {
                StandardError.warn("\(error)")
                return nil
            }
        }
        return (found, lines.count - found.count)
    }
}
