/// Where a square filter meets the rows of its input.
struct ConvolutionGeometry: Hashable, Sendable {
    let input: ImageShape
    let output: ImageShape
    let size: Int
    let stride: Int
    let padding: Int
    let groups: Int

    init(_ convolution: Architecture.Convolution, input: ImageShape, output: ImageShape) {
        self.input = input
        self.output = output
        size = convolution.size
        stride = convolution.stride
        padding = convolution.padding
        groups = convolution.groups
    }

    /// Calls `body(weight, input, output, count)` for every filter element and every row it meets: the element's
    /// index, the offsets in one image of the row's first input and output, and how many outputs the row has. Inputs
    /// are `stride` apart.
    @inline(__always)
    func forEachRow(_ body: (_ weight: Int, _ input: Int, _ output: Int, _ count: Int) -> Void) {
        var weight = 0
        let (slice, filters) = (input.channels / groups, output.channels / groups)
        for outputChannel in 0..<output.channels {
            let first = outputChannel / filters * slice
            for inputChannel in first..<first + slice {
                for filterRow in 0..<size {
                    for filterColumn in 0..<size {
                        let rows = outputs(tap: filterRow, inputs: input.height, outputs: output.height)
                        let columns = outputs(tap: filterColumn, inputs: input.width, outputs: output.width)
                        for row in rows where !columns.isEmpty {
                            let inputRow = row * stride + filterRow - padding
                            let inputColumn = columns.lowerBound * stride + filterColumn - padding
                            body(
                                weight,
                                (inputChannel * input.height + inputRow) * input.width + inputColumn,
                                (outputChannel * output.height + row) * output.width + columns.lowerBound,
                                columns.count)
                        }
                        weight += 1
                    }
                }
            }
        }
    }

    /// Output positions along one side whose input under filter element `tap` lies inside the image.
    private func outputs(tap: Int, inputs: Int, outputs: Int) -> Range<Int> {
        let first = max(0, (padding - tap + stride - 1) / stride)
        let end = min(outputs, (inputs - 1 + padding - tap) / stride + 1)
        return first..<max(first, end)
    }
}
