import HashDB

/// The answers to one query, found by comparing it with every code one after the other.
///
/// Written apart from the engine and from the flat scan, so that both can be held against it. Ids are row numbers.
struct Truth {
    /// Rows by distance and then by number, as far as any question reaches.
    private let rows: [UInt32]
    /// How many rows are at a distance of at most the index.
    private let countsWithin: [Int]

    /// The truth as far as the `count` nearest and the `radius` reach. `distances` is scratch space.
    init(_ query: [UInt64], in codes: CodeArray, count: Int, radius: Int, distances: inout [UInt16]) {
        Self.measure(query, codes, &distances)
        var counts = [Int](repeating: 0, count: codes.bitWidth + 1)
        for distance in distances { counts[Int(distance)] += 1 }
        var place: [Int] = []
        var total = 0
        for distance in counts.indices where distance <= radius || total < min(count, codes.count) {
            place.append(total)
            total += counts[distance]
        }
        let reach = place.count
        countsWithin = Array(place.dropFirst()) + [total]
        var rows = [UInt32](repeating: 0, count: total)
        for row in 0..<codes.count where Int(distances[row]) < reach {
            rows[place[Int(distances[row])]] = UInt32(row)
            place[Int(distances[row])] += 1
        }
        self.rows = rows
    }

    private static func measure(_ query: [UInt64], _ codes: CodeArray, _ distances: inout [UInt16]) {
        if distances.count != codes.count { distances = [UInt16](repeating: 0, count: codes.count) }
        let width = query.count
        if width == 1 {
            let word = query[0]
            for row in 0..<codes.count { distances[row] = UInt16((codes.words[row] ^ word).nonzeroBitCount) }
        } else {
            for row in 0..<codes.count {
                var distance = 0
                for i in 0..<width { distance += (codes.words[row * width + i] ^ query[i]).nonzeroBitCount }
                distances[row] = UInt16(distance)
            }
        }
    }

    /// What a question must be answered with.
    func answer(_ operation: Operation) -> [Match] {
        let count =
            switch operation {
            case .nearest(let count): min(count, rows.count)
            case .within(let radius): countsWithin[min(radius, countsWithin.count - 1)]
            }
        var distance = 0
        return (0..<count).map { position in
            while position >= countsWithin[distance] { distance += 1 }
            return Match(id: UInt64(rows[position]), distance: distance)
        }
    }
}
