extension LabelledImages {
    /// The images of some classes, in their order; the classes keep their order too, and are numbered anew.
    ///
    /// Of images with several labels, those are meant that have one of these; their other labels are taken from them.
    /// Names that no class has are ignored.
    public func subset(ofClasses names: some Sequence<String>) -> LabelledImages {
        // By their bytes: folders may have names that are equal as texts.
        let wanted = Set(names.map { Array($0.utf8) })
        let kept = classNames.indices.filter { wanted.contains(Array(classNames[$0].utf8)) }
        let numbers = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
        let sets = labelSets.map { Set($0.compactMap { numbers[$0] }) }
        let indices = labels.indices.filter { haveSeveralLabels ? !sets[$0].isEmpty : numbers[labels[$0]] != nil }
        var chosen = subset(indices)
        if haveSeveralLabels {
            chosen.labelSets = indices.map { sets[$0] }
            chosen.labels = chosen.labelSets.map { $0.min() ?? 0 }
        } else {
            chosen.labels = chosen.labels.map { numbers[$0] ?? 0 }
        }
        chosen.classNames = kept.map { classNames[$0] }
        return chosen
    }

    /// The images of all classes but `count`, which are drawn by the seed and nobody learns from, so that retrieval of
    /// things unseen in training can be measured.
    ///
    /// Throws `tooFewClasses` where fewer than two classes are left to learn from, and `severalLabels` where images have
    /// several: then no class can be held out without its images' others.
    public func holdingOut(classes count: Int, seed: UInt64) throws -> LabelledImages {
        guard !haveSeveralLabels || count == 0 else { throw LearningError.severalLabels(by: "holding classes out") }
        guard count >= 0, classNames.count - count >= 2 else {
            throw LearningError.tooFewClasses(found: max(0, classNames.count - max(count, 0)))
        }
        var generator = SeededGenerator(seed: mixed(seed, -3))
        return subset(ofClasses: classNames.sorted().shuffled(using: &generator).dropFirst(count))
    }
}
