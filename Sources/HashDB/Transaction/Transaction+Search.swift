import CHamming

extension Transaction {
    /// The `count` items nearest to a code, fewer if there are fewer, ordered by distance and then by id: of the items as they are by now,
    /// with all changes that the transaction has made.
    ///
    /// Exact, whatever the plan. As there is one writer at a time, nobody comes between what is found and what is then written:
    ///
    /// ```swift
    /// let id = try store.write { transaction in
    ///     if let known = try transaction.nearest(to: code, count: 1, within: 3).first { return known.id }
    ///     return try transaction.insert(code: code)
    /// }
    /// ```
    /// - Parameters:
    ///   - code: The query.
    ///   - count: How many items are wanted, at least 1.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about those of the last commit.
    /// - Complexity: That of `Snapshot.nearest(to:count:among:plan:)`, and O(c) for c items that the transaction has given a code: they are
    ///   compared one after the other. Deleted and replaced items that are nearer than the answer make it look for as many more.
    /// - Throws: As `Snapshot.nearest(to:count:among:plan:)`.
    public func nearest(
        to code: BinaryCode, count: Int, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        // No distance is greater: the radius of all items.
        try nearest(to: code, count: count, within: bitWidth, among: filter, plan: plan)
    }

    /// The `count` items nearest to a code of those within `radius` bits of it, the radius included; fewer if there are fewer, ordered by
    /// distance and then by id: of the items as they are by now, with all changes that the transaction has made.
    ///
    /// - Parameters:
    ///   - code: The query.
    ///   - count: How many items are wanted, at least 1.
    ///   - radius: The largest distance that counts, at least 0, in bits.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about those of the last commit.
    /// - Complexity: That of `Snapshot.nearest(to:count:within:among:plan:)`, and O(c) for c items that the transaction has given a code: they are
    ///   compared one after the other. Deleted and replaced items that are nearer than the answer make it look for as many more.
    /// - Throws: As `Snapshot.nearest(to:count:within:among:plan:)`.
    public func nearest(
        to code: BinaryCode, count: Int, within radius: Int, among filter: ItemFilter = .all,
        plan: QueryPlan = .automatic
    ) throws -> [Match] {
        var wanted = count
        while true {
            let found = try base.nearest(
                to: code, count: wanted, within: radius, among: ofLastCommit(filter), plan: plan)
            let untouched = found.filter { changes.items[$0.id] == nil }
            if untouched.count >= count || found.count < wanted {
                let limit = untouched.count < count ? min(radius, bitWidth) : untouched[count - 1].distance
                let new = try changes.search(code, count: count, limit: limit, among: filter)
                return Array(merged(untouched, new).prefix(count))
            }
            // At most what the last commit has was found: this cannot overflow.
            wanted *= 2
        }
    }

    /// All items within `radius` bits of a code, the radius included, ordered by distance and then by id: of the items as they are by now,
    /// with all changes that the transaction has made.
    ///
    /// - Parameters:
    ///   - radius: The largest distance that counts, at least 0.
    ///   - code: The query.
    ///   - filter: Which items may be found.
    ///   - plan: How to go about those of the last commit.
    /// - Complexity: That of `Snapshot.within(radius:of:among:plan:)`, and O(c) for c items that the transaction has given a code: they are
    ///   compared one after the other.
    /// - Throws: As `Snapshot.within(radius:of:among:plan:)`.
    public func within(
        radius: Int, of code: BinaryCode, among filter: ItemFilter = .all, plan: QueryPlan = .automatic
    ) throws -> [Match] {
        let untouched = try base.within(radius: radius, of: code, among: ofLastCommit(filter), plan: plan)
            .filter { changes.items[$0.id] == nil }
        return merged(untouched, try changes.search(code, count: 0, limit: min(radius, bitWidth), among: filter))
    }

    /// Which items of the last commit may be found: none, where all are deleted.
    private func ofLastCommit(_ filter: ItemFilter) -> ItemFilter {
        changes.deletesAll ? ItemFilter(kind: .ids([])) : filter
    }
}

extension Changes {
    /// The items with a new code that may be found within `limit`, in order; of more than `count` of them (0: any number) at least the nearest.
    fileprivate func search(
        _ code: BinaryCode, count: Int, limit: Int, among filter: ItemFilter
    ) throws -> [Match] {
        // The rows of `newest` ascend with their ids, as a collector of the nearest wants it.
        var collector = try Collector(count: count, limit: limit, bitWidth: code.bitWidth)
        scanNewest(code, leavingOut: hiddenRows(filter), into: &collector)
        var found = try collector.prunedHits().map { hit in
            Match(id: newest.ids[Int(hit.row)], distance: Int(hit.distance))
        }
        for (id, change) in items {
            guard let distance = change.code?.hammingDistance(to: code), distance <= collector.limit,
                filter.contains(id)
            else { continue }
            found.append(Match(id: id, distance: distance))
        }
        return found.sorted()
    }

    private func scanNewest(_ code: BinaryCode, leavingOut skip: Bitmap?, into collector: inout Collector) {
        newest.codes.withUnsafeBufferPointer { codes in
            guard let codes = codes.baseAddress else { return }
            code.withQuery(newest.shape) {
                hamming_scan($0, codes, newest.count, 0, skip?.words, &collector.raw)
            }
        }
    }

    /// The rows of `newest` that have changed since, or that a filter does not let through; nil if there are none.
    private func hiddenRows(_ filter: ItemFilter) -> Bitmap? {
        let changed = items.keys.compactMap { newest.row(ofID: $0) }
        if changed.isEmpty, case .all = filter.kind { return nil }
        return Bitmap(count: newest.count) { words in
            for row in changed { words[bit: row] = true }
            for row in 0..<newest.count where !filter.contains(newest.ids[row]) { words[bit: row] = true }
        }
    }
}
