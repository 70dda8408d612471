/// What stands beside the frames of a video: from which state of it they were taken, and how, on a line; then the video's path.
struct FrameNote {
    let state: String
    let video: String

    var text: String { state + "\n" + video }

    /// The path in the text of a note; nil where it has none.
    static func video(in text: String) -> String? {
        let lines = text.split(separator: "\n", maxSplits: 1)
        return lines.count == 2 ? String(lines[1]) : nil
    }
}
