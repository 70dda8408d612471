/// What a file and those that go with it are called in another directory: as before, or, where one of these names is taken, with a number
/// before the ending, the same for all, so that they belong together as before.
struct NewNames {
    private let names: [ArraySlice<UInt8>]
    /// Bytes of the file's name without its ending, with which the names of all begin.
    private let stem: Int
    /// The most bytes that a name may have.
    private let limit: Int

    init(of path: ImagePath, with companions: [ImagePath], limit: Int) {
        names = ([path] + companions).map(\.name)
        let name = path.name
        // What is longer is no ending, but a name with a dot in it.
        let dot = name.suffix(32).lastIndex(of: ImagePath.dot)
        stem = dot.map { $0 > name.startIndex ? $0 - name.startIndex : name.count } ?? name.count
        self.limit = limit
    }

    /// The names of all, the file's first; number 1 is none.
    func numbered(_ number: Int) -> [[UInt8]] {
        let mark = number == 1 ? [] : Array(".\(number)".utf8)
        let excess = names.reduce(0) { max($0, $1.count) } + mark.count - limit
        guard number > 1 || excess > 0 else { return names.map(Array.init) }
        // All lose as much as the longest, so that they still begin alike.
        let length = max(1, stem - max(0, excess))
        return names.map { NewNames.start(of: $0, length) + mark + $0.dropFirst(stem) }
    }

    /// So many of the first bytes, or a few less, as no character may be cut in two.
    private static func start(of name: ArraySlice<UInt8>, _ length: Int) -> ArraySlice<UInt8> {
        guard length < name.count else { return name }
        let isWithinCharacter = { (end: Int) in name[name.startIndex + end] & 0xC0 == 0x80 }
        let end = (max(1, length - 3)...length).last { !isWithinCharacter($0) }
        return name.prefix(end ?? length)
    }
}
