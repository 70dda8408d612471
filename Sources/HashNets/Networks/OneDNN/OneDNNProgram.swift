import COneDNN

/// Planned operations with their tensors, in the order to run them.
struct OneDNNProgram {
    private enum Step {
        case run(OneDNNOperation, arguments: [Int32], memories: [OpaquePointer?], tensors: [OneDNNTensor])
        case compute(() -> Void)
    }

    private var steps: [Step] = []

    /// Whether there is nothing to do.
    var isEmpty: Bool { steps.isEmpty }

    /// Appends an operation; the tensors live as long as the program.
    mutating func append(_ operation: OneDNNOperation, _ tensors: [(onednn_argument, OneDNNTensor)]) {
        steps.append(
            .run(
                operation, arguments: tensors.map { Int32(bitPattern: $0.0.rawValue) },
                memories: tensors.map { $0.1.memory }, tensors: tensors.map { $0.1 }))
    }

    /// Appends what the library has no operation for.
    mutating func append(_ computation: @escaping () -> Void) {
        steps.append(.compute(computation))
    }

    /// The tensor in another layout: itself where it has that layout, otherwise a copy that a reorder fills.
    mutating func arranged(
        _ tensor: OneDNNTensor, as layout: OneDNNLayout, in engine: OneDNNEngine,
        into buffer: AlignedBuffer<Float>? = nil
    ) throws -> OneDNNTensor {
        if tensor.layout == layout { return tensor }
        let copy = try OneDNNTensor(layout, shape: tensor.shape, in: engine, buffer: buffer)
        try appendReorder(from: tensor, to: copy, in: engine)
        return copy
    }

    /// Appends a copy from one layout to another.
    mutating func appendReorder(from: OneDNNTensor, to: OneDNNTensor, in engine: OneDNNEngine) throws {
        let reorder = try OneDNNOperation.reorder(from: from.layout, to: to.layout, in: engine)
        append(reorder, [(onednn_source, from), (onednn_output, to)])
    }

    /// Runs all steps.
    func run(in engine: OneDNNEngine) throws {
        for step in steps {
            switch step {
            case .run(let operation, let arguments, let memories, _):
                let done = onednn_operation_run(
                    engine.handle, operation.handle, Int64(arguments.count), arguments, memories)
                guard done else { throw engine.failure(operation.name) }
            case .compute(let computation):
                computation()
            }
        }
    }

    /// Name and kernel of each operation, for logs.
    var kernels: [String] {
        steps.map { step in
            switch step {
            case .run(let operation, _, _, _): "\(operation.name): \(operation.kernel)"
            case .compute: "own code"
            }
        }
    }
}

/// Converts a parameter between the layout that its operation chose and row-major order.
final class OneDNNArrangement: ParameterArrangement {
    private let engine: OneDNNEngine
    private let own: OneDNNTensor
    private let plain: OneDNNTensor
    private var toPlain = OneDNNProgram()
    private var toOwn = OneDNNProgram()

    /// nil where the layout is row-major already.
    init?(_ layout: OneDNNLayout, shape: [Int], in engine: OneDNNEngine) throws {
        let plainLayout = try OneDNNLayout.plain(shape, in: engine)
        if layout == plainLayout { return nil }
        self.engine = engine
        own = try OneDNNTensor(layout, shape: shape, in: engine)
        plain = try OneDNNTensor(plainLayout, shape: shape, in: engine)
        try toPlain.appendReorder(from: own, to: plain, in: engine)
        try toOwn.appendReorder(from: plain, to: own, in: engine)
    }

    func canonical(_ stored: [Float]) throws -> [Float] {
        _ = own.buffer.pointer.update(fromContentsOf: stored)
        try toPlain.run(in: engine)
        return [Float](plain.buffer.pointer)
    }

    func stored(_ canonical: [Float]) throws -> [Float] {
        _ = plain.buffer.pointer.update(fromContentsOf: canonical)
        try toOwn.run(in: engine)
        return [Float](own.buffer.pointer)
    }
}
