/// Numbers in row-major order with their shape: what weight files hold.
package struct Tensor: Hashable, Sendable {
    /// The sides, outermost first; empty for a single number.
    package let shape: [Int]
    /// As many values as the product of the shape.
    package var values: [Float]

    /// Joins shape and values, which must agree.
    package init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "shape and values disagree")
        self.shape = shape
        self.values = values
    }
}
