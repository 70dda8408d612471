import Foundation

extension [UInt8] {
    /// Bytes of an open file from an offset on: so many, or what there is of them.
    ///
    /// - Throws: the system's error.
    init(reading descriptor: Int32, at offset: Int, count: Int) throws(SystemError) {
        var failure: Int32 = 0
        self.init(unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard failure == 0 else { throw SystemError(code: failure) }
    }
}
