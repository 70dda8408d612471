/// A parameter of a network in single precision, as trainers see it.
package typealias Parameter = ParameterTensor<Float>

/// What a tensor does. Only weights get decay and are centred; biases commonly have twice the learning rate.
package enum ParameterRole: Hashable, Sendable {
    case weight, bias
    /// γ and β of a normalisation.
    case scale, shift
    /// Running average of a normalisation: kept and saved, never learnt.
    case statistic
}

/// One learned tensor of a network: its values, and the gradient that the last backward pass left.
///
/// Both live at fixed addresses in the order that the network computes in, which need not be row-major and may
/// contain padding that is zero in values and gradients. Elementwise updates that keep zeros at zero gradient
/// (every usual optimiser) run straight over these buffers. `canonical` and `stored` convert to and from
/// row-major order, for weight files and checkpoints.
package final class ParameterTensor<Scalar: BinaryFloatingPoint & BitwiseCopyable> {
    /// The name in weight files, such as `conv1.weight`.
    package let name: String
    /// The row-major shape, such as [32, 3, 5, 5].
    package let shape: [Int]
    /// Weight, bias and so on.
    package let role: ParameterRole
    /// Inputs that one output sums over (0 for all but weights), for centralised gradients and fitted start weights.
    package let fanIn: Int

    let valueBuffer: AlignedBuffer<Scalar>
    /// How often somebody may have changed the values: what is made from them then has to be made anew.
    private(set) var changes = 0
    let gradientBuffer: AlignedBuffer<Scalar>
    private let range: Range<Int>
    private let arrangement: (any ParameterArrangement<Scalar>)?

    /// Describes the part `range` of two buffers; without an arrangement they are row-major.
    package init(
        name: String, shape: [Int], role: ParameterRole, value: AlignedBuffer<Scalar>, gradient: AlignedBuffer<Scalar>,
        range: Range<Int>? = nil, arrangement: (any ParameterArrangement<Scalar>)? = nil
    ) {
        self.name = name
        self.shape = shape
        self.role = role
        fanIn = role == .weight ? shape.dropFirst().reduce(1, *) : 0
        valueBuffer = value
        gradientBuffer = gradient
        self.range = range ?? 0..<value.pointer.count
        self.arrangement = arrangement
    }

    /// A row-major parameter with buffers of its own, all zero.
    convenience init(named name: String, shape: [Int], role: ParameterRole) {
        let count = shape.reduce(1, *)
        self.init(
            name: name, shape: shape, role: role, value: AlignedBuffer(count: count),
            gradient: AlignedBuffer(count: count))
    }

    /// Elements in row-major order, without padding.
    package var count: Int { shape.reduce(1, *) }

    /// Elements of the buffers that `withValue` and `withGradient` show, padding included.
    package var storedCount: Int { range.count }

    /// The values in the network's order; valid as long as this parameter lives. To be changed in training only.
    var value: UnsafeMutableBufferPointer<Scalar> { UnsafeMutableBufferPointer(rebasing: valueBuffer.pointer[range]) }

    /// The gradient in the network's order; valid as long as this parameter lives.
    var gradient: UnsafeMutableBufferPointer<Scalar> {
        UnsafeMutableBufferPointer(rebasing: gradientBuffer.pointer[range])
    }

    /// Calls the closure with the values, which it may change; the pointer must not escape.
    package func withValue<R>(_ body: (UnsafeMutableBufferPointer<Scalar>) throws -> R) rethrows -> R {
        changes += 1
        return try body(value)
    }

    /// Calls the closure with the gradient; the pointer must not escape.
    package func withGradient<R>(_ body: (UnsafeMutableBufferPointer<Scalar>) throws -> R) rethrows -> R {
        try body(gradient)
    }

    /// Puts values of the buffers' order (`storedCount`) into row-major order (`count`).
    package func canonical(_ stored: [Scalar]) throws -> [Scalar] {
        precondition(stored.count == storedCount)
        return try arrangement?.canonical(stored) ?? stored
    }

    /// Puts row-major values (`count`) into the buffers' order (`storedCount`).
    package func stored(_ canonical: [Scalar]) throws -> [Scalar] {
        precondition(canonical.count == count)
        return try arrangement?.stored(canonical) ?? canonical
    }

    /// A copy of the values in row-major order.
    package func values() throws -> [Scalar] {
        try canonical([Scalar](value))
    }

    /// A copy of the gradient in row-major order.
    package func gradients() throws -> [Scalar] {
        try canonical(withGradient { [Scalar]($0) })
    }

    /// Replaces the values by row-major ones.
    package func setValues(_ canonical: [Scalar]) throws {
        let arranged = try stored(canonical)
        withValue { _ = $0.update(fromContentsOf: arranged) }
    }
}

/// A conversion between the order that a network computes in and row-major order.
package protocol ParameterArrangement<Scalar> {
    associatedtype Scalar
    func canonical(_ stored: [Scalar]) throws -> [Scalar]
    func stored(_ canonical: [Scalar]) throws -> [Scalar]
}
