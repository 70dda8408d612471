/// Which image of a group to keep.
///
/// Where a rule finds several equally good, more pixels decide, then more bytes, then the earlier modification time, then the
/// lesser path; so there is always one, and always the same.
public struct KeepRule: Hashable, Sendable {
    /// What decides first.
    public enum Criterion: String, Sendable, CaseIterable {
        case mostPixels = "most-pixels"
        case largest
        case oldest
        case newest
        case firstPath = "first-path"
    }

    /// What decides first.
    public var criterion: Criterion
    /// Where given, an image below this directory is kept rather than any other.
    public var directory: ImagePath?

    /// Makes a rule.
    public init(_ criterion: Criterion = .mostPixels, under directory: ImagePath? = nil) {
        self.criterion = criterion
        self.directory = directory
    }

    /// The index of the image to keep, and what decided for it; of two or more images.
    package func choice(of images: [DuplicateReport.Image]) -> (index: Int, why: String) {
        var left = Array(images.indices)
        if let directory {
            let below = left.filter { images[$0].path.isWithin(directory) }
            if below.count == 1 { return (below[0], "under") }
            if !below.isEmpty { left = below }
        }
        for criterion in [criterion, .mostPixels, .largest, .oldest, .firstPath] {
            left = criterion.best(left, of: images)
            if left.count == 1 { return (left[0], criterion.rawValue) }
        }
        return (left.first ?? 0, Criterion.firstPath.rawValue)
    }
}

extension KeepRule.Criterion {
    fileprivate func best(_ indices: [Int], of images: [DuplicateReport.Image]) -> [Int] {
        func least<Value: Comparable>(_ value: (DuplicateReport.Image) -> Value) -> [Int] {
            guard let best = indices.map({ value(images[$0]) }).min() else { return [] }
            return indices.filter { value(images[$0]) == best }
        }
        return switch self {
        case .mostPixels: least { -$0.pixels }
        case .largest: least { UInt64.max - $0.content.size }
        case .oldest: least(\.modificationTime)
        case .newest: least { ~$0.modificationTime }
        case .firstPath: least(\.path)
        }
    }
}
