import CZlib

/// Undoes zlib's raw deflate (RFC 1951) part by part.
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false

    /// The compressed bytes make no sense.
    struct Damaged: Error {}

    init() throws {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative window bits: no header of zlib's own around the data.
        guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw Damaged()
        }
        // Only now, so that `deinit` does not end what never began.
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The bytes that `input` stands for, `limit` at most; takes what it uses off the front of `input`.
    func inflate(_ input: inout ArraySlice<UInt8>, upTo limit: Int) throws -> [UInt8] {
        guard !isAtEnd, limit > 0 else { return [] }
        var used = 0
        let output = try [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            try input.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: input.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(clamping: limit)
                let before = stream.pointee.avail_in
                let status = CZlib.inflate(stream, Z_NO_FLUSH)
                used = Int(before - stream.pointee.avail_in)
                filled = Int(UInt32(clamping: limit) - stream.pointee.avail_out)
                isAtEnd = status == Z_STREAM_END
                guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else { throw Damaged() }
            }
        }
        input = input.dropFirst(used)
        return output
    }
}

/// The CRC-32 of ZIP archives over bytes that come part by part.
struct CyclicChecksum {
    private(set) var value: UInt32 = 0

    mutating func append(_ bytes: [UInt8]) {
        value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), bytes, bytes.count))
    }
}
