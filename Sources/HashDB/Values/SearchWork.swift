/// What a search did.
public struct SearchWork: Hashable, Sendable, Codable {
    /// Steps of probing that were done: after s + 1 of them all codes up to distance s have been met.
    public internal(set) var steps = 0
    /// Buckets looked into.
    public internal(set) var probes = 0
    /// Entries met in them.
    public internal(set) var candidates = 0
    /// Entries among them that were within the limit as it was then.
    public internal(set) var near = 0
    /// Codes whose rows, or rows whose codes, had to be looked up on the way.
    public internal(set) var lookups = 0
    /// Blocks that nobody in this process had met before, so that they had to be read and verified.
    public internal(set) var blocksRead = 0
    /// Codes compared one after the other.
    public internal(set) var scanned = 0

    static func += (a: inout SearchWork, b: SearchWork) {
        a.steps += b.steps
        a.probes += b.probes
        a.candidates += b.candidates
        a.near += b.near
        a.lookups += b.lookups
        a.blocksRead += b.blocksRead
        a.scanned += b.scanned
    }
}
