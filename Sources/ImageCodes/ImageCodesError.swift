import Foundation

/// What can go wrong with directories of images; for a single file see `ImageDecodingError`.
public enum ImageCodesError: Error, Equatable, CustomStringConvertible {
    /// There is no such directory or file.
    case notFound(path: String)
    /// A directory was asked for, and `path` is something else.
    case notADirectory(path: String)
    /// The system refuses to read the directory; its message.
    case unreadable(path: String, reason: String)
    /// The system refuses to write the file; its message.
    case unwritable(path: String, reason: String)
    /// Labelled images need at least two folders that hold images.
    case tooFewClasses(path: String, found: [String])
    /// A table names fewer than two labels of images that can be read.
    case tooFewLabels(path: String, found: [String])
    /// The folders `train` and `test` do not hold the same classes; those that only one of them has.
    case classesDiffer(path: String, onlyInTrain: [String], onlyInTest: [String])
    /// A line of a list of images and their labels is not as it should be.
    case listInvalid(path: String, line: Int, reason: String)
    /// The store answered a query in two ways: an error of this library, or of the machine.
    case answersDiffer(query: Int)
    /// Fewer codes than images; the last image of which one is asked for.
    case codesMissing(count: Int, of: Int)
    /// Images are said to have been in a folder that the store does not know.
    case rootUnknown(path: String, reason: String)
    /// A picture could not be made into a file; the encoder's words.
    case unencodable(String)
    /// The images together do not fit into memory.
    case tooManyImages(count: Int, bytesEach: Int)

    /// One line that names the thing and the way out.
    public var description: String {
        switch self {
        case .notFound(let path): "\(path): no such file or directory"
        case .notADirectory(let path): "\(path): not a directory"
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .tooFewClasses(let path, let found):
            "\(path): needs a folder of images for each class, at least two; found "
                + (found.isEmpty ? "none" : "only \(Self.shown(found[...]))")
        case .tooFewLabels(let path, let found):
            "\(path): needs at least two labels of images that can be read; found "
                + (found.isEmpty ? "none" : "only \(Self.shown(found[...]))")
        case .classesDiffer(let path, let train, let test):
            "\(path): train and test hold different classes ("
                + [("only train: ", train), ("only test: ", test)].filter { !$0.1.isEmpty }
                .map { $0.0 + Self.shown($0.1.prefix(5)) }.joined(separator: "; ") + ")"
        case .listInvalid(let path, let line, let reason): "\(path), line \(line): \(reason)"
        case .answersDiffer(let query):
            "query \(query) was answered in two ways; measure again, and report it if that happens again"
        case .codesMissing(let count, let last):
            "\(count) codes, and one of image \(last) is asked for; give one for each image, counted from 0"
        case .unencodable(let message): "a picture cannot be encoded: \(message)"
        case .rootUnknown(let path, let reason): "\(path): \(reason)"
        case .tooManyImages(let count, let bytes): "\(count) images of \(bytes) bytes each do not fit into memory"
        }
    }

    /// Names of classes or labels, as a data set has them.
    private static func shown(_ names: ArraySlice<String>) -> String {
        names.map { shownOnOneLine($0.utf8) }.joined(separator: ", ")
    }

    static func unreadable(_ path: ImagePath, _ error: SystemError) -> ImageCodesError {
        switch error.code {
        case ENOENT: .notFound(path: path.description)
        case ENOTDIR: .notADirectory(path: path.description)
        default: .unreadable(path: path.description, reason: error.description)
        }
    }
}
