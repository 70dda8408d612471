/// What can go wrong with networks, weight files and models, in cases that a caller can act on.
public enum HashNetsError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read, or is not a safetensors file that obeys the format to the letter.
    case weightFileUnreadable(path: String, reason: String)
    /// The file cannot be written.
    case weightFileUnwritable(path: String, reason: String)
    /// The file's metadata lacks a value that its model needs, or the value makes no sense.
    case metadataInvalid(path: String, key: String, reason: String)
    /// The file names an architecture that this version does not know.
    case unknownArchitecture(path: String, name: String)
    /// A tensor that the architecture needs is not in the file.
    case tensorMissing(path: String, tensor: String)
    /// The file holds a tensor that the architecture does not know.
    case tensorUnexpected(path: String, tensor: String)
    /// A tensor has another shape than the architecture says.
    case tensorShape(path: String, tensor: String, expected: [Int], found: [Int])
    /// A tensor holds another type of number than the floating-point ones that models use.
    case tensorType(path: String, tensor: String, found: String)
    /// A tensor holds a NaN or an infinity.
    case tensorNotFinite(path: String, tensor: String)
    /// The layers do not fit on one another, or on the size of the input.
    case architectureImpossible(name: String, reason: String)
    /// The caller's pixels are not as many as the model's input shape says.
    case pixelCount(expected: Int, found: Int)
    /// The network library failed.
    case computationFailed(operation: String, reason: String)

    /// One line that names the thing and the way out.
    public var description: String {
        switch self {
        case .weightFileUnreadable(let path, let reason):
            "cannot read weight file \(path): \(reason); give a complete .safetensors file"
        case .weightFileUnwritable(let path, let reason):
            "cannot write weight file \(path): \(reason)"
        case .metadataInvalid(let path, let key, let reason):
            "weight file \(path): metadata \"\(key)\" \(reason); give a file that this library wrote"
        case .unknownArchitecture(let path, let name):
            "weight file \(path): unknown architecture \"\(name)\"; known: \(Architecture.knownNames)"
        case .tensorMissing(let path, let tensor):
            "weight file \(path): tensor \"\(tensor)\" is missing; the file does not fit its architecture"
        case .tensorUnexpected(let path, let tensor):
            "weight file \(path): tensor \"\(tensor)\" does not belong to its architecture"
        case .tensorShape(let path, let tensor, let expected, let found):
            "weight file \(path): tensor \"\(tensor)\" has shape \(found) where its architecture needs \(expected)"
        case .tensorType(let path, let tensor, let found):
            "weight file \(path): tensor \"\(tensor)\" has type \(found); convert it to F32 or F16"
        case .tensorNotFinite(let path, let tensor):
            "weight file \(path): tensor \"\(tensor)\" holds values that are not finite; train the model again"
        case .architectureImpossible(let name, let reason):
            "architecture \(name) is impossible: \(reason)"
        case .pixelCount(let expected, let found):
            "the model needs \(expected) bytes of pixels for these images, not \(found)"
        case .computationFailed(let operation, let reason):
            "\(operation) failed: \(reason)"
        }
    }
}
