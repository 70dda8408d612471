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
