/// Memory at a fixed address, aligned to a cache line and zeroed at first: what compiled plans point into.
package final class AlignedBuffer<Element: BitwiseCopyable & AdditiveArithmetic> {
    /// The whole buffer; valid as long as this object lives.
    package let pointer: UnsafeMutableBufferPointer<Element>

    /// Takes memory for `count` elements.
    package init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        let base = raw.bindMemory(to: Element.self, capacity: max(count, 1))
        base.initialize(repeating: .zero, count: max(count, 1))
        pointer = UnsafeMutableBufferPointer(start: base, count: count)
    }

    deinit {
        pointer.baseAddress?.deallocate()
    }
}
