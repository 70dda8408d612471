import Foundation

/// How much memory this process has, in bytes, as Linux tells it; nil elsewhere.
struct ProcessMemory: Codable {
    /// Resident now: all, what is no file's, what is files'.
    let resident: Int
    let anonymous: Int
    let file: Int
    /// The most that was ever resident.
    let peak: Int

    static var now: ProcessMemory? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        var bytes: [Substring: Int] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(whereSeparator: { ": \t".contains($0) })
            if parts.count == 3, parts[2] == "kB" { bytes[parts[0]] = Int(parts[1]).map { $0 << 10 } }
        }
        guard let resident = bytes["VmRSS"], let anonymous = bytes["RssAnon"], let file = bytes["RssFile"],
            let peak = bytes["VmHWM"]
        else { return nil }
        return ProcessMemory(resident: resident, anonymous: anonymous, file: file, peak: peak)
    }

    /// The processor time of this process so far, in seconds.
    static var processorSeconds: Double {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
