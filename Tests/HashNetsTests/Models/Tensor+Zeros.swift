import HashNets

extension Tensor {
    /// A tensor of zeros.
    init(zeros shape: [Int]) {
        self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
}
