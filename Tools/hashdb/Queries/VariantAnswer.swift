import HashDB
import PerceptualHashes

/// The answer to an image in all eight variants: each item once, by the variant that is nearest to it.
struct VariantAnswer {
    /// Ordered by distance, then by id; as many as asked for.
    let matches: [Match]
    private let variants: [UInt64: ImageVariant]

    init(
        to query: Subject, _ search: SearchOptions, in snapshot: borrowing Snapshot, among filter: ItemFilter,
        explaining explanation: inout QueryExplanation?
    ) throws {
        var best: [UInt64: (distance: Int, variant: ImageVariant)] = [:]
        for (variant, code) in query.variants {
            for match in try search.run(code, in: snapshot, among: filter, explaining: &explanation) {
                // Of equally near variants the first counts.
                if let known = best[match.id], known.distance <= match.distance { continue }
                best[match.id] = (match.distance, variant)
            }
        }
        let all = best.map { Match(id: $0.key, distance: $0.value.distance) }.sorted()
        matches = search.radius == nil ? Array(all.prefix(search.k ?? 10)) : all
        variants = best.mapValues(\.variant)
    }

    func variant(of match: Match) -> ImageVariant? { variants[match.id] }
}
