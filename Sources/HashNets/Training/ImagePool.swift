/// Images from several arrays of pixels under one range of numbers, without copying them.
struct ImagePool: Sendable {
    private var parts: [(pixels: [UInt8], indices: [Int])] = []
    let shape: ImageShape
    private(set) var count = 0

    init(shape: ImageShape) {
        self.shape = shape
    }

    /// Adds the images of these indices.
    mutating func append(_ pixels: [UInt8], indices: [Int]) {
        guard !indices.isEmpty else { return }
        parts.append((pixels, indices))
        count += indices.count
    }

    /// Calls the closure with the pixels of image `number`.
    func withImage<R>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        var number = number
        for part in parts {
            if number < part.indices.count {
                let start = part.indices[number] * shape.count
                return part.pixels.withUnsafeBufferPointer {
                    body(UnsafeBufferPointer(rebasing: $0[start..<start + shape.count]))
                }
            }
            number -= part.indices.count
        }
        preconditionFailure("image \(number) past the end of the pool")
    }
}
