/// Two ordered lists in one.
func merged(_ a: [Match], _ b: [Match]) -> [Match] {
    if a.isEmpty || b.isEmpty { return a.isEmpty ? b : a }
    var all: [Match] = []
    all.reserveCapacity(a.count + b.count)
    var i = 0
    var j = 0
    while i < a.count || j < b.count {
        if j == b.count || (i < a.count && a[i] < b[j]) {
            all.append(a[i])
            i += 1
        } else {
            all.append(b[j])
            j += 1
        }
    }
    return all
}
