/// A query and its answer, to be shown on a `GalleryPage`.
public struct GalleryQuery: Sendable {
    /// One of the images found.
    public struct Neighbour: Sendable {
        /// The item.
        public var id: UInt64
        /// In how many bits its code differs from the query's.
        public var distance: Int
        /// Its file, where the store knows one.
        public var path: ImagePath?

        /// Makes a neighbour from its parts.
        public init(id: UInt64, distance: Int, path: ImagePath?) {
            self.id = id
            self.distance = distance
            self.path = path
        }
    }

    /// What was asked for, in words: the path as the user gave it, a code, an id.
    public var label: String
    /// The image that was asked for, if it was one.
    public var image: ImagePath?
    /// What was found, in order.
    public var neighbours: [Neighbour]

    /// Makes a query from its parts.
    public init(label: String, image: ImagePath?, neighbours: [Neighbour]) {
        self.label = label
        self.image = image
        self.neighbours = neighbours
    }
}
