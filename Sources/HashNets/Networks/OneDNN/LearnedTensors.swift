import COneDNN

/// Weights and bias of one operation with their gradients, all in single precision: in the layout of the forward pass
/// where that computes in single precision too, and otherwise in row-major order. Weights of a convolution in groups have
/// the group as their first side.
struct LearnedTensors {
    let weight: OneDNNTensor
    let weightGradient: OneDNNTensor
    let bias: LearnedVector?

    init(
        _ operation: OneDNNOperation, weightShape: [Int], outputs: Int, hasBias: Bool, planner: OneDNNPlanner
    ) throws {
        let chosen = try planner.layout(of: onednn_weights, in: operation)
        let layout = chosen.type == onednn_float32 ? chosen : try .plain(weightShape, in: planner.engine)
        weight = try OneDNNTensor(
            layout, shape: weightShape, in: planner.engine, buffer: planner.nextValueBuffer(count: layout.wordCount))
        weightGradient = try planner.gradient(like: weight)
        bias = hasBias ? try LearnedVector(count: outputs, role: .bias, planner: planner) : nil
    }

    /// Weights and bias that are made of others.
    init(weight: OneDNNTensor, bias: LearnedVector) {
        self.weight = weight
        self.bias = bias
        weightGradient = weight
    }

    /// The weights as a parameter; `shape` may join sides of the tensor's own shape.
    func weightParameter(named name: String, shape: [Int], engine: OneDNNEngine) throws -> Parameter {
        Parameter(
            name: name, shape: shape, role: .weight, value: weight.buffer, gradient: weightGradient.buffer,
            arrangement: try OneDNNArrangement(weight.layout, shape: weight.shape, in: engine))
    }
}

/// A bias, scale or shift with its gradient, one number for each output or channel.
struct LearnedVector {
    let value: OneDNNTensor
    let gradient: OneDNNTensor
    private let role: ParameterRole

    init(count: Int, role: ParameterRole, planner: OneDNNPlanner) throws {
        value = try OneDNNTensor(
            .plain([count], in: planner.engine), shape: [count], in: planner.engine,
            buffer: planner.nextValueBuffer(count: count))
        gradient = try planner.gradient(like: value)
        self.role = role
    }

    func parameter(named name: String) -> Parameter {
        Parameter(name: name, shape: value.shape, role: role, value: value.buffer, gradient: gradient.buffer)
    }
}
