/// What is wrong with pixels that were to be hashed.
public enum PerceptualHashError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An image without pixels, or with a side of more than 2²² of them.
    case invalidSize(width: Int, height: Int)
    /// Fewer or more bytes than the image's sides say.
    case wrongLength(expected: Int, found: Int)

    /// One line for people.
    public var description: String {
        switch self {
        case .invalidSize(let width, let height):
            "an image of \(width) × \(height) pixels cannot be hashed; both sides must be from 1 to 4194304"
        case .wrongLength(let expected, let found):
            "the image has \(found) bytes of pixels where its sides say \(expected)"
        }
    }
}
