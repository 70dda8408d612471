import CFuzzer
import Foundation
import FuzzTargets

// fuzz TARGET seeds FOLDER            writes the seeds
// fuzz TARGET [OPTION…] [FOLDER…]     runs libFuzzer

guard let target = FuzzRun.target else {
    print("usage: fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) …")
    exit(64)
}
var arguments = CommandLine.arguments
arguments.remove(at: 1)
if arguments.count == 3, arguments[1] == "seeds" {
    for (number, seed) in try target.seeds(scratch: FuzzRun.scratch).enumerated() {
        try Data(seed).write(to: URL(fileURLWithPath: "\(arguments[2])/seed-\(number)"))
    }
    exit(0)
}
var pointers = arguments.map { strdup($0) } + [nil]
let status = cfuzzer_run(Int32(arguments.count), &pointers) { FuzzRun.take($0, $1) }
if status == -1 { print("built without libFuzzer; Tools/fuzz/run builds with it") }
exit(status == 0 ? 0 : 1)
