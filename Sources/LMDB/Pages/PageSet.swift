/// A set of pages.
struct PageSet {
    private var words: [UInt64]
    /// How many there are in it.
    private(set) var count = 0

    init(count: Int) { words = [UInt64](repeating: 0, count: count / 64 + 1) }

    /// Adds a page that there is; whether it is new.
    mutating func insert(_ page: Int) -> Bool {
        let bit = UInt64(1) << UInt64(page % 64)
        guard words[page / 64] & bit == 0 else { return false }
        words[page / 64] |= bit
        count += 1
        return true
    }
}
