import ArgumentParser
import Foundation
import ImageCodes

/// A path from the command line, byte for byte: paths need not be UTF-8, and the strings of the argument parser are.
struct PathArgument: ExpressibleByArgument {
    let path: ImagePath

    init(argument: String) {
        path = ImagePath(bytes: Self.originals[argument] ?? Array(argument.utf8))
    }

    /// The arguments whose bytes are no UTF-8, by what a string makes of them.
    private static let originals: [String: [UInt8]] = {
        var originals: [String: [UInt8]] = [:]
        for case let argument? in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)) {
            let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
            let text = String(decoding: bytes, as: UTF8.self)
            if !text.utf8.elementsEqual(bytes) { originals[text] = Array(bytes) }
        }
        return originals
    }()
}
