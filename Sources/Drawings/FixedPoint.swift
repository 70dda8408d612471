/// The number with so many digits after the point, rounded, the same in every locale.
package func fixedPoint(_ value: Double, digits: Int = 4) -> String {
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    guard value.isFinite, value.magnitude < 1e15 / Double(scale) else { return "\(value)" }
    let parts = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && parts > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(parts)" }
    let fraction = String(parts % scale)
    return "\(sign)\(parts / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
