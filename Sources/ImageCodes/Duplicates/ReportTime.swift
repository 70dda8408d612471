import Foundation

/// Times of reports: UTC, with a fraction of a second where there is one: `2026-01-31T12:00:00.25Z`.
enum ReportTime {
    private static let second: Int64 = 1_000_000_000

    static func text(_ nanoseconds: Int64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
        // Before 1970 the fraction counts from the second below.
        let date = Date(timeIntervalSince1970: Double(rest < 0 ? seconds &- 1 : seconds)).formatted(.iso8601)
        let fraction = rest < 0 ? rest &+ second : rest
        guard fraction > 0 else { return date }
        var digits = String(String(fraction &+ second).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(date.dropLast()).\(digits)Z"
    }

    static func nanoseconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts.count == 1 ? text : parts[0].appending("Z")
        guard let date = try? Date(whole, strategy: .iso8601), let fraction = nanoseconds(fraction: parts.dropFirst())
        else { return nil }
        return Int64(exactly: date.timeIntervalSince1970.rounded()).flatMap { seconds in
            let (product, overflow) = seconds.multipliedReportingOverflow(by: second)
            let (sum, secondOverflow) = product.addingReportingOverflow(fraction)
            return overflow || secondOverflow ? nil : sum
        }
    }

    /// What follows the point, if there is one: at most nine digits and a Z.
    private static func nanoseconds(fraction parts: ArraySlice<Substring>) -> Int64? {
        guard let digits = parts.first?.dropLast() else { return 0 }
        guard parts.count == 1, parts.first?.last == "Z", (1...9).contains(digits.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(digits.padding(toLength: 9, withPad: "0", startingAt: 0))
    }
}
