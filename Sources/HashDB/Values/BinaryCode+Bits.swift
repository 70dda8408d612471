extension BinaryCode {
    /// The bits of a code, bit 0 first, where they are: nothing is copied or allocated.
    ///
    /// ```swift
    /// let code = try BinaryCode(hex: "0500")
    /// print(code.bits.prefix(4).map { $0 ? 1 : 0 })  // [1, 0, 1, 0]
    /// let inverse = try BinaryCode(bits: code.bits.map { !$0 })
    /// ```
    public struct Bits: RandomAccessCollection, Hashable, Sendable {
        private let code: BinaryCode

        init(_ code: BinaryCode) { self.code = code }

        /// 0.
        public var startIndex: Int { 0 }
        /// The code's `bitWidth`.
        public var endIndex: Int { code.bitWidth }
        /// A bit.
        ///
        /// - Precondition: `position` is at least 0 and less than `bitWidth`.
        public subscript(position: Int) -> Bool { code[bit: position] }
    }

    /// The bits, bit 0 first.
    public var bits: Bits { Bits(self) }
}
