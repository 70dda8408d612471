import ArgumentParser
import Foundation
import ImageCodes

/// A path from the command line, byte for byte: paths need not be UTF-8, and the strings of the argument parser are.
struct PathArgument: ExpressibleByArgument {
    let path: ImagePath

    static var defaultCompletionKind: CompletionKind { .file() }

    init(argument: String) {
        let bytes = Array(argument.utf8)
        path = ImagePath(bytes: Self.originals[bytes]?.first ?? bytes)
    }

    /// - Throws: `ValidationError` where two arguments are one string, so that nobody could tell which of them is meant.
    static func checkAreDifferent() throws {
        for forms in originals.values where forms.count > 1 {
            let names = forms.map { ImagePath(bytes: $0).description }.joined(separator: " and ")
            throw ValidationError(
                "\(names) are no UTF-8 and cannot be told apart; name one at a time, or list them for --files-from")
        }
    }

    /// The different arguments of which a string makes the same bytes, by these; only where not all are as they were.
    private static let originals: [[UInt8]: [[UInt8]]] = {
        var originals: [[UInt8]: [[UInt8]]] = [:]
        for case let argument? in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)) {
            let bytes = Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
            let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
            if originals[text]?.contains(bytes) != true { originals[text, default: []].append(bytes) }
        }
        return originals.filter { $0.value != [$0.key] }
    }()
}
