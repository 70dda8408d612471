import CodeFiles
import ImageCodes

// What became of files, for programs.

extension ReportApplication.Step {
    /// A line of `apply --json`.
    ///
    /// - Parameter action: what is done to files, in a word.
    func json(_ action: String) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("outcome", .string(outcome.name)),
            .init("action", .string(action)),
            .init("path", .text(image.path.bytes)),
            .init("bytes", .unsigned(image.content.size)),
            .init("why", .string(image.why)),
        ]
        switch outcome {
        case .planned: members += keptMembers
        case .done(let place):
            members += keptMembers
            if let place, place != image.path { members.append(.init("to", .text(place.bytes))) }
        // The file that was to stay is left out, as it may be what is wrong.
        case .refused(let reason): members.append(.init("reason", .string(reason)))
        }
        if !companions.isEmpty { members.append(.init("with", .array(companions.map { .text($0.bytes) }))) }
        if !leftBehind.isEmpty {
            let files: [JSONValue] = leftBehind.map { ["path": .text($0.path.bytes), "reason": .string($0.reason)] }
            members.append(.init("without", .array(files)))
        }
        return .object(members)
    }

    private var keptMembers: [JSONValue.Member] {
        guard let kept else { return [] }
        return [.init("stays", .text(kept.path.bytes)), .init("stays_why", .string(kept.why))]
    }
}

extension ReportApplication.Step.Outcome {
    fileprivate var name: String {
        switch self {
        case .planned: "planned"
        case .done: "done"
        case .refused: "refused"
        }
    }
}

extension Undoing.Step {
    /// A line of `undo --json`.
    var json: JSONValue {
        let path = JSONValue.text(path.bytes)
        return switch outcome {
        case .restored: ["outcome": "restored", "path": path]
        case .nothingToDo: ["outcome": "nothing", "path": path]
        case .refused(let reason): ["outcome": "refused", "path": path, "reason": .string(reason)]
        }
    }
}
