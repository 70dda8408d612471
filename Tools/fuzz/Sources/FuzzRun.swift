import Foundation
import FuzzTargets

/// What the process fuzzes, and where.
enum FuzzRun {
    static let target = CommandLine.arguments.dropFirst().first.flatMap(FuzzTarget.init)
    static let scratch = FuzzTarget.scratch()

    /// One input; an error that is not documented ends the process, which libFuzzer takes down as a find.
    static func take(_ data: UnsafePointer<UInt8>?, _ length: Int) -> Int32 {
        do {
            try target?.run(Array(UnsafeBufferPointer(start: data, count: length)), scratch: scratch)
        } catch {
            fatalError("not a documented error: \(error)")
        }
        return 0
    }
}
