import HashDB
import PerceptualHashes

/// How alike images are.
public enum DuplicateTier: String, Sendable, CaseIterable, Codable {
    /// The same bytes in several files, which are not names of one file.
    case sameBytes = "same-bytes"
    /// The same pixels and size in different files: another container, compression without loss, other metadata.
    case samePixels = "same-pixels"
    /// Perceptual hashes within a radius: copies that were scaled, compressed or slightly edited.
    case near
    /// Codes of a learned model within a radius: images of alike things, which need not be copies.
    case alike = "look-alike"
}

extension DuplicateTier: Comparable {
    /// The stricter tier is the lesser.
    public static func < (a: DuplicateTier, b: DuplicateTier) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

extension DuplicateTier {
    /// The collection whose codes tell images that are so alike: perceptual hashes for all that are copies, a learned model's for
    /// look-alikes; `nil` if there is none.
    public func collection(among collections: [StoredCollection]) -> StoredCollection? {
        let perceptual = PerceptualHash.allCases.lazy.compactMap { hash in
            collections.first { $0.perceptualHash == hash }
        }.first
        let learned = collections.first { $0.model != nil && $0.perceptualHash == nil }
        switch self {
        case .sameBytes, .samePixels: return perceptual ?? learned
        case .near: return perceptual
        case .alike: return learned ?? perceptual
        }
    }
}
