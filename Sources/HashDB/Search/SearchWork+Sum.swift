extension SearchWork {
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
