import HashDB

/// Where stores have the contents of a group of a report: each is looked up once, however many files of it there are.
struct KnownFiles {
    private var places: [ImageContent: Set<ImagePath>] = [:]
    /// Why nothing can be said.
    private var failure: String?

    init(_ images: [DuplicateReport.Image], in stores: [Store]) {
        let contents = Set(images.map(\.content))
        do {
            for store in stores {
                try store.read { snapshot in
                    let roots = try snapshot.imageRoots()
                    for content in contents {
                        let found = try snapshot.image(with: content)?.record.places.compactMap { roots.path(of: $0) }
                        places[content, default: []].formUnion(found ?? [])
                    }
                }
            }
        } catch {
            failure = "\(error)"
        }
    }

    /// Throws where no store has the file with the content that the report says.
    func check(_ image: DuplicateReport.Image) throws(Refusal) {
        if let failure { throw Refusal("it cannot be looked up: \(failure)") }
        guard places[image.content]?.contains(image.path) == true else {
            throw Refusal("the store does not know it, or with other bytes; run hashdb ingest before")
        }
    }
}
