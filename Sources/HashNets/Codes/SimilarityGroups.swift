/// The similarity matrix S ∈ {−1, 1}^{n×n} of CNNH (Xia et al., AAAI 2014, section "Stage 1") without its n² entries.
///
/// Items whose rows of S agree form a group: all items of a class, all items with one set of labels. S then is a
/// small symmetric relation between u ≪ n groups, kept as a list of similar groups for each. With one label an item,
/// a group is similar to itself alone, and sums over a row of S cost one look-up.
package struct SimilarityGroups: Hashable, Sendable {
    /// The group of each item.
    package let groups: [Int]
    /// For each group, the groups whose items have S = 1 with its items; ascending, itself included.
    package let similarGroups: [[Int]]

    /// Items in all.
    package var itemCount: Int { groups.count }

    /// Groups in all.
    package var groupCount: Int { similarGroups.count }

    /// One label an item: similar means the same label.
    package init(labels: [Int]) {
        var numbers: [Int: Int] = [:]
        groups = labels.map { label in
            if let number = numbers[label] { return number }
            numbers[label] = numbers.count
            return numbers.count - 1
        }
        similarGroups = numbers.values.sorted().map { [$0] }
    }

    /// Several labels an item: similar means at least one label in common. An item without labels is similar to
    /// itself alone.
    package init(labelSets: [Set<Int>]) {
        var numbers: [Set<Int>: Int] = [:]
        var distinct: [Set<Int>] = []
        groups = labelSets.map { set in
            if let number = numbers[set] { return number }
            distinct.append(set)
            if !set.isEmpty { numbers[set] = distinct.count - 1 }
            return distinct.count - 1
        }
        similarGroups = distinct.indices.map { group in
            distinct.indices.filter { $0 == group || !distinct[group].isDisjoint(with: distinct[$0]) }
        }
    }
}
