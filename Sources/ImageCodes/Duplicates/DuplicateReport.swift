/// Groups of images that are alike, and what shall become of each: a result to look at, to edit, and to act on later.
///
/// `text` and `json` write it; `init(parsing:named:)` reads both.
public struct DuplicateReport: Hashable, Sendable {
    /// What shall become of a file.
    public enum Mark: String, Sendable, Codable {
        case keep, drop
    }

    /// Why a file is kept that no rule has chosen: none may choose another in its place.
    package enum OwnReason: String {
        /// Of two directories it is in the one that stays.
        case archive
        /// It has the name of the one that is kept, but for the ending.
        case belongs
        /// It is a camera's raw file, which holds more than the picture that is compared.
        case raw
        /// It is not in the archive, and has more pixels than what is.
        case larger
    }

    /// A file of a group.
    public struct Image: Hashable, Sendable {
        /// What shall become of it.
        public var mark: Mark
        /// Of a file to keep why, such as "most-pixels"; of one to drop how alike it is to the first that is kept, a tier.
        public var why: String
        /// In how many bits its code differs from that of the first that is kept.
        public var distance: Int
        /// Where it is: absolute.
        public var path: ImagePath
        /// What it held.
        public var content: ImageContent
        /// Pixels from left to right.
        public var width: Int
        /// Pixels from top to bottom.
        public var height: Int
        /// Nanoseconds since 1970.
        public var modificationTime: Int64
        /// Which file it was, whatever it was called.
        public var file: FileNumber

        /// Width × height.
        public var pixels: Int { width * height }

        package init(
            mark: Mark, why: String, distance: Int, path: ImagePath, content: ImageContent, width: Int, height: Int,
            modificationTime: Int64, file: FileNumber
        ) {
            (self.mark, self.why, self.distance, self.path) = (mark, why, distance, path)
            (self.content, self.width, self.height) = (content, width, height)
            (self.modificationTime, self.file) = (modificationTime, file)
        }
    }

    /// Images of which every two are alike, or, between two folders, images of one that are alike to those kept in the other.
    public struct Group: Hashable, Sendable {
        /// Kept ones first.
        public var images: [Image]
        /// The loosest tier that it took to join them.
        public var tier: DuplicateTier

        package init(images: [Image], tier: DuplicateTier) {
            self.images = images
            self.tier = tier
        }
    }

    /// An image that was dropped once, and is there again.
    public struct Returned: Hashable, Sendable {
        /// Where it is now.
        public var path: ImagePath
        /// Where it was when it was dropped; of several dropped ones that it is like, one of the same bytes, or else the nearest.
        public var formerPath: ImagePath
        /// In how many bits its code differs from the dropped one's.
        public var distance: Int
    }

    /// The store that knows the images: absolute.
    public var store: ImagePath
    /// The model of its codes.
    public var model: String
    /// How alike images had to be.
    public var tier: DuplicateTier
    /// In how many bits codes might differ at most.
    public var radius: Int
    /// Bits of a code.
    public var bits: Int
    /// The groups, the largest first, then by path.
    public var groups: [Group] = []
    /// What came back.
    public var returned: [Returned] = []

    /// A report without groups.
    package init(store: ImagePath, model: String, tier: DuplicateTier, radius: Int, bits: Int) {
        (self.store, self.model, self.tier, self.radius, self.bits) = (store, model, tier, radius, bits)
    }

    /// Files marked to be dropped.
    public var dropCount: Int { groups.reduce(0) { $0 + $1.images.count { $0.mark == .drop } } }

    /// Bytes of the files marked to be dropped; the largest number if there are more, as a report that somebody has written may say.
    public var dropBytes: UInt64 {
        groups.reduce(0) { sum, group in
            group.images.reduce(sum) { sum, image in
                let (more, overflow) = sum.addingReportingOverflow(image.mark == .drop ? image.content.size : 0)
                return overflow ? .max : more
            }
        }
    }

    /// What the grouping promises, in words.
    public var rule: String {
        switch tier {
        case .sameBytes: "the files of a group hold the same bytes"
        case .samePixels: "the images of a group have the same pixels"
        case .near, .alike: "every two images of a group differ in at most \(radius) of \(bits) bits"
        }
    }
}
