extension ProtocolSplit {
    /// The split of a training: as many queries and labelled images of each class as asked for, or as the smallest class
    /// allows; in all where images have several labels; or the data's own parts.
    init(
        fitting images: LabelledImages, queriesPerClass: Int, labelledPerClass: Int, usesTestPart: Bool, seed: UInt64
    ) throws {
        try images.check()
        if usesTestPart {
            self = try ProtocolSplit(partsOf: images)
            return
        }
        try Self.check(queriesPerClass, labelledPerClass)
        if images.haveSeveralLabels {
            try self.init(
                images, queries: min(queriesPerClass, images.count / 6), labelled: labelledPerClass, seed: seed)
            return
        }
        let sizes = images.indicesOfClasses.map(\.count)
        guard sizes.count >= 2 else { throw LearningError.tooFewClasses(found: sizes.count) }
        let smallest = sizes.min() ?? 0
        let queries = min(queriesPerClass, smallest / 6)
        try self.init(
            images, queriesPerClass: queries, labelledPerClass: max(2, min(labelledPerClass, smallest - queries)),
            seed: seed)
    }

    /// What a weight file says of the split that it was trained with, so that an evaluation can take the same.
    func provenance(_ images: LabelledImages) -> [String: String] {
        var provenance = ["split": fingerprint]
        if !queries.isEmpty, queries.allSatisfy({ images.isTest.indices.contains($0) && images.isTest[$0] }),
            database == labelled.sorted()
        {
            provenance["split_parts"] = "test"
        } else {
            let classes = images.haveSeveralLabels ? 1 : max(1, images.classNames.count)
            provenance["split_queries"] = "\(queries.count / classes)"
            provenance["split_labelled"] = "\(labelled.count / classes)"
        }
        return provenance
    }
}
