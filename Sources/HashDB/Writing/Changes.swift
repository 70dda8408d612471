/// What a transaction has done so far, to be applied in one go when it commits.
struct Changes {
    /// What becomes of an item.
    struct ItemChange {
        enum CodeChange {
            case unchanged
            case set(BinaryCode)
            case deleted
        }
        enum PayloadChange {
            case unchanged
            case set([UInt8])
            case removed
        }
        var code: CodeChange
        var payload: PayloadChange
    }

    var items: [UInt64: ItemChange] = [:]
    /// nil removes.
    var attributes: [String: [UInt8]?] = [:]
    /// By how many items there are more.
    var countChange = 0
    var largestID: UInt64?

    var isEmpty: Bool { items.isEmpty && attributes.isEmpty }
}
