import Foundation

/// Figures as short texts.
enum Format {
    /// Three significant digits.
    static func number(_ value: Double) -> String {
        switch abs(value) {
        case 100...: String(format: "%.0f", value)
        case 10..<100: String(format: "%.1f", value)
        case 1..<10: String(format: "%.2f", value)
        default: String(format: "%.3f", value)
        }
    }

    /// A multiple of the scan: small ones as 1/n.
    static func multiple(_ value: Double?) -> String {
        guard let value else { return "–" }
        return value > 0 && value < 0.02 ? "1/\(Int((1 / value).rounded()))" : number(value)
    }

    static func microseconds(_ value: Double?) -> String { value.map(number) ?? "–" }

    /// 1.2 M, 345 k.
    static func count(_ value: Double) -> String {
        switch value {
        case 1e6...: String(format: "%.2f M", value / 1e6)
        case 1e3..<1e6: String(format: "%.0f k", value / 1e3)
        default: String(format: "%.0f", value)
        }
    }

    static func mebibytes(_ bytes: Int?) -> String { bytes.map { number(Double($0) / 0x1p20) } ?? "–" }
}
