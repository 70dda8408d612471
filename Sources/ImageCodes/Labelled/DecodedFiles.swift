import Foundation
import Synchronization

/// Files decoded on all cores into one array.
struct DecodedFiles {
    /// The pixels of those files that could be decoded, in order, without gaps.
    private(set) var pixels: [UInt8]
    /// For each file whether it could be.
    private(set) var isDecoded: [Bool]

    /// Decodes files, and logs those that fail.
    ///
    /// - Throws: `ImageCodesError.tooManyImages` if the pixels are more than the machine's memory.
    init(_ files: [ImagePath], decoder: ImageDecoder, log: (String) -> Void) throws {
        let stride = decoder.bytesPerImage
        let (size, overflow) = stride.multipliedReportingOverflow(by: files.count)
        guard !overflow, UInt64(size) < ProcessInfo.processInfo.physicalMemory else {
            throw ImageCodesError.tooManyImages(count: files.count, bytesEach: stride)
        }
        var failures: [Int: ImageDecodingError] = [:]
        pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let work = SharedDecoding(files: files, decoder: decoder, buffer: buffer)
            failures = work.run(log)
            count = size
        }
        isDecoded = files.indices.map { failures[$0] == nil }
        DecodedFiles.report(failures, log)
        if !failures.isEmpty { closeGaps(stride) }
    }

    private static func report(_ failures: [Int: ImageDecodingError], _ log: (String) -> Void) {
        let most = 100
        for (_, error) in failures.sorted(by: { $0.key < $1.key }).prefix(most) { log("left out: \(error)") }
        if failures.count > most { log("left out: \(failures.count - most) more files") }
    }

    private mutating func closeGaps(_ stride: Int) {
        var end = 0
        pixels.withUnsafeMutableBytes { bytes in
            for index in isDecoded.indices where isDecoded[index] {
                if let base = bytes.baseAddress, end != index * stride {
                    memmove(base + end, base + index * stride, stride)
                }
                end += stride
            }
        }
        pixels.removeLast(pixels.count - end)
    }
}

/// What the decoding threads share: each takes the next file when it is free, and writes to that file's part of the memory only.
private final class SharedDecoding: @unchecked Sendable {
    private let files: [ImagePath]
    private let decoder: ImageDecoder
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let next = Atomic<Int>(0)
    private let failures = Mutex<[Int: ImageDecodingError]>([:])

    init(files: [ImagePath], decoder: ImageDecoder, buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.files = files
        self.decoder = decoder
        self.buffer = buffer
    }

    /// Decodes all files, and returns the failures by the index of the file.
    func run(_ log: (String) -> Void) -> [Int: ImageDecodingError] {
        let start = ContinuousClock.now
        let count = min(WorkerThreads.processorCount, files.count)
        let threads = WorkerThreads(count: count, name: "decode") { [self] _ in work() }
        while !threads.join(within: 5) {
            let done = min(next.load(ordering: .relaxed), files.count)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            log("decoded \(done) of \(files.count) images, \(Int(Double(done) / seconds)) images/s")
        }
        return failures.withLock { $0 }
    }

    private func work() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < files.count else { return }
            let stride = decoder.bytesPerImage
            let part = UnsafeMutableBufferPointer(rebasing: buffer[index * stride..<(index + 1) * stride])
            do {
                let contents = try FileContents.read(files[index], limit: decoder.limits.fileBytes, followLinks: false)
                _ = try decoder.decode(contents.bytes, named: files[index], into: part)
            } catch {
                failures.withLock { $0[index] = error }
            }
        }
    }
}
