/// Weighted sums of the rows of an image, one for each of the 64 samples of the vertical axis.
///
/// The sums are of bytes, whatever colours they are: brightness is linear, and computed of 64 rows at the end rather than of all.
struct RowSums: Sendable {
    /// A finished sum.
    struct Sum {
        fileprivate let values: Values
        let denominator: UInt64

        /// The brightness of each pixel, in thousandths.
        func luma(_ layout: PixelLayout) -> [UInt64] {
            switch values {
            case .narrow(let values): Self.luma(values, layout)
            case .wide(let values): Self.luma(values, layout)
            }
        }

        private static func luma<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
            _ values: [Number], _ layout: PixelLayout
        ) -> [UInt64] {
            switch layout {
            case .grey: values.map { 1000 &* UInt64(truncatingIfNeeded: $0) }
            case .rgb:
                (0..<values.count / 3).map { pixel in
                    let (red, green, blue) = (values[3 * pixel], values[3 * pixel + 1], values[3 * pixel + 2])
                    return 299 &* UInt64(truncatingIfNeeded: red) &+ 587 &* UInt64(truncatingIfNeeded: green)
                        &+ 114 &* UInt64(truncatingIfNeeded: blue)
                }
            }
        }
    }

    /// A sum of bytes fits 32 bits on all sides up to 32,768 pixels.
    fileprivate enum Values: Sendable {
        case narrow([UInt32])
        case wide([UInt64])
    }

    private let axis: AxisSampling
    private let bytesPerRow: Int
    private let isNarrow: Bool
    /// Samples in the order in which the rows of the image begin to count in them, and how many have begun.
    private let order: [Int]
    private var begun = 0
    private var open: [(sample: Int, values: Values)] = []

    init(_ axis: AxisSampling, bytesPerRow: Int) {
        self.axis = axis
        self.bytesPerRow = bytesPerRow
        isNarrow = 255 * axis.denominator <= UInt64(UInt32.max)
        order = axis.samples.indices.sorted { (axis.samples[$0].start, $0) < (axis.samples[$1].start, $1) }
    }

    /// Adds the row of a number. Returns the sums that are complete with it, and of which samples they are.
    mutating func add(_ row: UnsafeBufferPointer<UInt8>, number: Int) -> [(sample: Int, sum: Sum)] {
        var finished: [(sample: Int, sum: Sum)] = []
        while begun < order.count, axis.samples[order[begun]].start == number {
            let zeros: Values =
                isNarrow
                ? .narrow(Array(repeating: 0, count: bytesPerRow)) : .wide(Array(repeating: 0, count: bytesPerRow))
            open.append((order[begun], zeros))
            begun += 1
        }
        for index in open.indices {
            let sample = axis.samples[open[index].sample]
            Self.add(row, times: sample.weights[number - sample.start], to: &open[index].values)
            if sample.end == number + 1 {
                finished.append((open[index].sample, Sum(values: open[index].values, denominator: sample.denominator)))
            }
        }
        if !finished.isEmpty { open.removeAll { axis.samples[$0.sample].end == number + 1 } }
        return finished
    }

    private static func add(_ row: UnsafeBufferPointer<UInt8>, times weight: UInt64, to values: inout Values) {
        // Out of the enumeration and back, lest the array be copied.
        switch values {
        case .narrow(var numbers):
            values = .narrow([])
            add(row, times: weight, to: &numbers)
            values = .narrow(numbers)
        case .wide(var numbers):
            values = .wide([])
            add(row, times: weight, to: &numbers)
            values = .wide(numbers)
        }
    }

    /// - Precondition: `row` has as many bytes as there are numbers.
    private static func add<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ row: UnsafeBufferPointer<UInt8>, times weight: UInt64, to numbers: inout [Number]
    ) {
        precondition(row.count == numbers.count, "a row of another length")
        numbers.withUnsafeMutableBufferPointer { numbers in
            if weight <= 257 {
                // Products that fit 16 bits are twice as quick, and weights are seldom greater.
                let weight = UInt16(truncatingIfNeeded: weight)
                for i in 0..<numbers.count { numbers[i] &+= Number(truncatingIfNeeded: UInt16(row[i]) &* weight) }
            } else {
                let weight = Number(truncatingIfNeeded: weight)
                for i in 0..<numbers.count { numbers[i] &+= Number(truncatingIfNeeded: row[i]) &* weight }
            }
        }
    }
}
