/// One of the eight ways of turning a rectangle: four rotations, each mirrored or not.
///
/// A variant says where the pixel shown in row y and column x of the turned image stands in the image before: at (y, x), or at
/// (x, y) if the axes are swapped, counted from the other end where an axis is reversed.
///
/// Swapping the axes is exact: the code of a transposed image is, bit for bit, the transposed code. Reversing an axis of n pixels is
/// exact where samples and filter lie symmetrically: n / 128 rounded up is odd, and n no multiple of 128 (up to 127, 257 to 383, 513 to
/// 639, …). On other sides they lie half a pixel off the centre, in the reference as here, and the code differs from that of the turned
/// pixels: for photographs of 500 pixels in 9 of PDQ's bits on average and in 36 at most if one axis is reversed, in 13 and 50 if both are.
public enum ImageVariant: String, CaseIterable, Hashable, Sendable {
    /// As it is.
    case original
    /// A quarter turn, counterclockwise.
    case rotated90 = "rotated-90"
    /// Half a turn.
    case rotated180 = "rotated-180"
    /// Three quarter turns counterclockwise, which is one clockwise.
    case rotated270 = "rotated-270"
    /// Left and right exchanged.
    case mirrored
    /// Top and bottom exchanged.
    case flipped
    /// Rows made columns: mirrored at the diagonal from the top left.
    case transposed
    /// Mirrored at the other diagonal.
    case antitransposed

    /// Whether rows become columns.
    public var swapsAxes: Bool {
        switch self {
        case .rotated90, .rotated270, .transposed, .antitransposed: true
        case .original, .rotated180, .mirrored, .flipped: false
        }
    }

    /// Whether the rows of the image before are counted from below.
    public var reversesRows: Bool {
        switch self {
        case .rotated180, .rotated270, .flipped, .antitransposed: true
        case .original, .rotated90, .mirrored, .transposed: false
        }
    }

    /// Whether the columns of the image before are counted from the right.
    public var reversesColumns: Bool {
        switch self {
        case .rotated90, .rotated180, .mirrored, .antitransposed: true
        case .original, .rotated270, .flipped, .transposed: false
        }
    }

    /// This way of turning, and then another, at once.
    public func then(_ next: ImageVariant) -> ImageVariant {
        let (first, second) =
            swapsAxes ? (next.reversesColumns, next.reversesRows) : (next.reversesRows, next.reversesColumns)
        let flags = (swapsAxes != next.swapsAxes, first != reversesRows, second != reversesColumns)
        return ImageVariant.allCases.first { ($0.swapsAxes, $0.reversesRows, $0.reversesColumns) == flags } ?? self
    }

    /// How an image is shown whose EXIF orientation is this number; as it is, where the number means nothing.
    public init(exifOrientation: Int) {
        let variants: [ImageVariant] = [
            .original, .mirrored, .rotated180, .flipped, .transposed, .rotated270, .antitransposed, .rotated90,
        ]
        self = (1...8).contains(exifOrientation) ? variants[exifOrientation - 1] : .original
    }

    /// Where the pixel shown at a place of the turned image stands in the image before, which has so many rows and columns.
    public func source(ofRow row: Int, column: Int, rows: Int, columns: Int) -> (row: Int, column: Int) {
        let (r, c) = swapsAxes ? (column, row) : (row, column)
        return (reversesRows ? rows - 1 - r : r, reversesColumns ? columns - 1 - c : c)
    }
}
