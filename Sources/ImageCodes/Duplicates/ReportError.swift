/// Why a text is no report.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The report, as the caller named it.
    public var name: String
    /// Counted from 1, where a line is to blame.
    public var line: Int?
    /// What is wrong with it.
    public var reason: String
    /// The way out.
    public var advice = "mend that, or make the report anew with hashdb duplicates"

    /// One line for people, whatever the text has.
    public var description: String {
        shownOnOneLine("\(name)\(line.map { ", line \($0)" } ?? ""): \(reason); \(advice)".utf8)
    }
}
