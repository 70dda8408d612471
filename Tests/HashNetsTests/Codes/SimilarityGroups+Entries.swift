import HashNets

extension SimilarityGroups {
    /// The entry S_ij of the matrix as a truth value.
    func isSimilar(_ first: Int, _ second: Int) -> Bool {
        similarGroups[groups[first]].contains(groups[second])
    }
}
