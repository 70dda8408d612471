/// What a search did, for explaining it.
package struct SearchWork: Hashable, Sendable {
    /// Steps of probing that were done.
    package internal(set) var steps = 0
    /// Buckets looked into.
    package internal(set) var probes = 0
    /// Codes met in them.
    package internal(set) var candidates = 0
    /// Codes whose rows, or rows whose codes, had to be looked up.
    package internal(set) var lookups = 0
    /// Blocks that nobody in this process had met before, and that were verified.
    package internal(set) var blocksRead = 0
    /// Codes compared one after the other.
    package internal(set) var scanned = 0

    static func += (a: inout SearchWork, b: SearchWork) {
        a.steps += b.steps
        a.probes += b.probes
        a.candidates += b.candidates
        a.lookups += b.lookups
        a.blocksRead += b.blocksRead
        a.scanned += b.scanned
    }
}
