/// Makes the `LumaBlock` of an image that comes in rows from top to bottom, so that large images need not be in memory at once.
///
/// ```swift
/// var sampler = try LumaSampler(width: 640, height: 480, layout: .rgb)
/// while let rows = reader.nextRows() { try sampler.append(rows: rows) }
/// let block = try sampler.finish()
/// ```
///
/// Each row is added, byte by byte, to the sums of the samples that it counts in (one, mostly), and each sum of rows is then reduced
/// to 64 samples: about one multiplication a byte. It keeps a few rows of sums.
public struct LumaSampler: Sendable {
    private let width: Int
    private let height: Int
    private let layout: PixelLayout
    private let orientation: ImageVariant
    private let columns: AxisSampling
    private var sums: RowSums
    private var samples = [Int32](repeating: 0, count: LumaBlock.side * LumaBlock.side)
    private var rowsTaken = 0

    /// Prepares for an image of these sides, as it is stored; `orientation` says how it is turned to be shown.
    ///
    /// - Throws: `PerceptualHashError.invalidSize` if a side is less than 1 or more than 2²², up to which all
    ///   sums fit.
    public init(
        width: Int, height: Int, layout: PixelLayout, orientation: ImageVariant = .original
    ) throws(PerceptualHashError) {
        guard (1...1 << 22).contains(width), (1...1 << 22).contains(height) else {
            throw .invalidSize(width: width, height: height)
        }
        self.width = width
        self.height = height
        self.layout = layout
        self.orientation = orientation
        columns = AxisSampling(length: width, reversed: orientation.reversesColumns)
        sums = RowSums(
            AxisSampling(length: height, reversed: orientation.reversesRows), bytesPerRow: width * layout.channels)
    }

    /// Takes the next rows, one or more.
    ///
    /// - Throws: `PerceptualHashError.wrongLength` if the bytes are no whole rows, or more rows than the image has.
    public mutating func append(rows: [UInt8]) throws(PerceptualHashError) {
        let stride = width * layout.channels
        guard rows.count % stride == 0, rows.count / stride <= height - rowsTaken else {
            throw .wrongLength(expected: (height - rowsTaken) * stride, found: rows.count)
        }
        rows.withUnsafeBufferPointer { append(wholeRows: $0) }
    }

    /// Takes whole rows in place.
    ///
    /// - Precondition: they are not more than the image has.
    package mutating func append(wholeRows rows: UnsafeBufferPointer<UInt8>) {
        let stride = width * layout.channels
        precondition(rows.count / stride <= height - rowsTaken, "more rows than the image has")
        for start in Swift.stride(from: 0, to: rows.count, by: stride) {
            defer { rowsTaken += 1 }
            if isTiny { continue }
            for (row, sum) in sums.add(UnsafeBufferPointer(rebasing: rows[start..<start + stride]), number: rowsTaken) {
                reduce(sum, toRow: row)
            }
        }
    }

    /// The block, when all rows are there.
    ///
    /// - Throws: `PerceptualHashError.wrongLength` if rows are missing.
    public consuming func finish() throws(PerceptualHashError) -> LumaBlock {
        guard rowsTaken == height else {
            let stride = width * layout.channels
            throw .wrongLength(expected: height * stride, found: rowsTaken * stride)
        }
        return LumaBlock(samples: samples)
    }

    private var isTiny: Bool { min(width, height) < LumaBlock.leastSide }

    // MARK: From sums of rows to samples

    /// Sums of most images fit 64 bits, those of sides above 4,000 or so do not.
    private mutating func reduce(_ sum: RowSums.Sum, toRow row: Int) {
        let most = UInt64(255 * LumaBlock.unitsPerLevel)
        let (a, overflow) = most.multipliedReportingOverflow(by: 2 * columns.denominator)
        if overflow || a.multipliedReportingOverflow(by: sum.denominator).overflow {
            reduce(sum, toRow: row, as: UInt128.self)
        } else {
            reduce(sum, toRow: row, as: UInt64.self)
        }
    }

    /// `Wide` holds twice the largest numerator of a sample.
    @inline(__always)
    private mutating func reduce<Wide: FixedWidthInteger & UnsignedInteger>(
        _ sum: RowSums.Sum, toRow row: Int, as: Wide.Type
    ) {
        let luma = sum.luma(layout)
        for (column, sample) in columns.samples.enumerated() {
            var total: Wide = 0
            for (weight, place) in zip(sample.weights, sample.start..<sample.end) {
                total &+= Wide(truncatingIfNeeded: weight) &* Wide(truncatingIfNeeded: luma[place])
            }
            // `luma` counts in thousandths.
            let scale = Wide(truncatingIfNeeded: LumaBlock.unitsPerLevel / 1000)
            let denominator =
                Wide(truncatingIfNeeded: sum.denominator) &* Wide(truncatingIfNeeded: sample.denominator)
            let value = Int32(truncatingIfNeeded: (total &* scale &+ denominator / 2) / denominator)
            let place = orientation.swapsAxes ? column * LumaBlock.side + row : row * LumaBlock.side + column
            samples[place] = value
        }
    }
}
