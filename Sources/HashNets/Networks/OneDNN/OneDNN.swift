import COneDNN

/// The library's CPU engine, and the maker of everything that belongs to it.
final class OneDNNEngine {
    let handle: OpaquePointer

    /// nil where the library was not there at build time or does not start.
    init?() {
        guard onednn_available(), let handle = onednn_engine_create() else { return nil }
        self.handle = handle
    }

    deinit {
        onednn_engine_free(handle)
    }

    /// The library's version, such as `oneDNN 2.6.3`.
    static var version: String {
        var version: [Int64] = [0, 0, 0]
        onednn_version(&version)
        return "oneDNN \(version[0]).\(version[1]).\(version[2])"
    }

    /// Whether the CPU multiplies bfloat16 numbers faster than single-precision ones.
    static var hasFastBfloat16: Bool { onednn_has_fast_bfloat16() }

    /// Says with how many threads the calling thread's operations are planned and run.
    static func setThreads(_ count: Int) {
        onednn_set_threads(Int64(count))
    }

    /// The error of a call that failed just now.
    func failure(_ operation: String) -> HashNetsError {
        .computationFailed(operation: "oneDNN \(operation)", reason: String(cString: onednn_engine_error(handle)))
    }
}

/// Shape and order in memory of a tensor.
final class OneDNNLayout {
    let handle: OpaquePointer

    /// Takes over a layout of the shim.
    init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        onednn_layout_free(handle)
    }

    /// Row-major order.
    static func plain(
        _ shape: [Int], type: onednn_type = onednn_float32, in engine: OneDNNEngine
    ) throws -> OneDNNLayout {
        let sides = shape.map(Int64.init)
        guard let handle = onednn_layout_plain(engine.handle, Int64(sides.count), sides, type) else {
            throw engine.failure("layout \(shape)")
        }
        return OneDNNLayout(handle: handle)
    }

    /// The order that an operation likes best.
    static func any(
        _ shape: [Int], type: onednn_type = onednn_float32, in engine: OneDNNEngine
    ) throws -> OneDNNLayout {
        let sides = shape.map(Int64.init)
        guard let handle = onednn_layout_any(engine.handle, Int64(sides.count), sides, type) else {
            throw engine.failure("layout \(shape)")
        }
        return OneDNNLayout(handle: handle)
    }

    /// Type of the numbers.
    var type: onednn_type { onednn_layout_type(handle) }

    /// 32-bit words of a buffer, padding included.
    var wordCount: Int { (onednn_layout_bytes(handle) + 3) / 4 }

    static func == (one: OneDNNLayout, other: OneDNNLayout) -> Bool {
        onednn_layout_equal(one.handle, other.handle)
    }
}

/// A buffer with its layout; the buffer's words hold single-precision numbers or pairs of bfloat16 ones.
final class OneDNNTensor {
    let layout: OneDNNLayout
    let buffer: AlignedBuffer<Float>
    let shape: [Int]
    let memory: OpaquePointer

    init(_ layout: OneDNNLayout, shape: [Int], in engine: OneDNNEngine, buffer: AlignedBuffer<Float>? = nil) throws {
        let count = layout.wordCount
        self.layout = layout
        self.shape = shape
        self.buffer = buffer ?? AlignedBuffer(count: count)
        precondition(self.buffer.pointer.count >= count)
        guard let memory = onednn_memory_create(engine.handle, layout.handle, self.buffer.pointer.baseAddress) else {
            throw engine.failure("memory \(shape)")
        }
        self.memory = memory
    }

    deinit {
        onednn_memory_free(memory)
    }
}
