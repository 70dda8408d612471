import HashDB

/// Runs a copy that says how far it is and that Ctrl-C ends.
func copying(_ copy: ((_ done: Int, _ total: Int) throws -> Void) throws -> CopyReport) throws -> CopyReport {
    let interrupt = Interrupt("stopping, the store stays as it is (Ctrl-C again: stop at once)")
    let progress = ProgressReport(unit: "MB")
    defer { progress.clear() }
    return try copy { done, total in
        if interrupt.isRequested { throw Interrupted() }
        progress.update(done: done / 1_000_000, total: total / 1_000_000)
    }
}
