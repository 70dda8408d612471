/// The first index of a range for which `isAfter` holds, where it holds for all that follow one for which it does.
func partition(_ low: Int, _ high: Int, _ isAfter: (Int) throws -> Bool) rethrows -> Int {
    var low = low
    var high = high
    while low < high {
        let middle = low + (high - low) / 2
        if try isAfter(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}
