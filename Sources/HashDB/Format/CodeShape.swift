/// How wide the codes of a store are, and how many bytes each takes in its blocks.
///
/// Codes of up to 32 bits take 4 bytes, of up to 64 bits 8, wider ones the next multiple of 8, so that kernels can read whole
/// words; the bytes past the width are zero.
package struct CodeShape: Hashable, Sendable {
    package let bitWidth: Int
    package let stride: Int

    package init(bitWidth: Int) {
        self.bitWidth = bitWidth
        stride = bitWidth <= 32 ? 4 : (bitWidth + 63) / 64 * 8
    }

    var byteCount: Int { bitWidth / 8 }

    /// Throws unless the code has this width.
    func check(_ code: BinaryCode) throws {
        guard code.bitWidth == bitWidth else {
            throw HashDBError.codeWidthMismatch(expected: bitWidth, found: code.bitWidth)
        }
    }

    /// Adds a code to an array of codes of this stride.
    func append(_ code: BinaryCode, to codes: inout [UInt8]) {
        code.withUnsafeBytes { codes.append(contentsOf: $0) }
        codes.append(contentsOf: repeatElement(0, count: stride - byteCount))
    }

    /// The code that is stored at an address.
    func code(at bytes: UnsafeRawPointer) throws -> BinaryCode {
        try BinaryCode(bytes: UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }
}
