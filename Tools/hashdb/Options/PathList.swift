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

    /// The paths of the list that lead anywhere; others are named and passed over.
    func paths() throws -> [ImagePath] {
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
