extension ProtocolSplit {
    /// The split of a training: as many queries and labelled images of each class as asked for, or as the class has; in all where images have
    /// several labels; or the data's own parts.
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
        try self.init(fitting: images, queriesPerClass: queriesPerClass, labelledPerClass: labelledPerClass, seed: seed)
    }

    /// P1 where classes may be small: of each a sixth are queries at most, and two at least are learned from.
    init(fitting images: LabelledImages, queriesPerClass: Int, labelledPerClass: Int, seed: UInt64) throws {
        try self.init(images, seed: seed) { count in
            let queries = min(queriesPerClass, count / 6)
            return (queries, max(2, min(labelledPerClass, count - queries)))
        }
    }

    /// How many queries and labelled images the classes have: the most, and whether all have as many.
    private func perClass(_ images: LabelledImages) -> (queries: Int, labelled: Int, areEqual: Bool) {
        guard !images.haveSeveralLabels else { return (queries.count, labelled.count, true) }
        var counts = [[Int]](repeating: [0, 0], count: images.classNames.count)
        for query in queries { counts[images.labels[query]][0] += 1 }
        for image in labelled { counts[images.labels[image]][1] += 1 }
        let most = counts.reduce([0, 0]) { [max($0[0], $1[0]), max($0[1], $1[1])] }
        return (most[0], most[1], Set(counts).count <= 1)
    }

    /// What a weight file says of the split that it was trained with, so that an evaluation can take the same.
    func provenance(_ images: LabelledImages) -> [String: String] {
        var provenance = ["split": fingerprint]
        if !queries.isEmpty, queries.allSatisfy({ images.isTest.indices.contains($0) && images.isTest[$0] }),
            database == labelled.sorted()
        {
            provenance["split_parts"] = "test"
        } else {
            let (queries, labelled, areEqual) = perClass(images)
            provenance["split_queries"] = "\(queries)"
            provenance["split_labelled"] = "\(labelled)"
            if !areEqual { provenance["split_fits"] = "classes" }
        }
        return provenance
    }
}
