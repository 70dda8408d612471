import CHamming
import Foundation

extension Machine {
    /// This machine.
    init() {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        func value(_ name: String) -> String? {
            let line = lines.first { $0.split(separator: ":").first?.trimmingCharacters(in: .whitespaces) == name }
            return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        }
        processor = value("model name") ?? "unknown processor"
        // Names may be those of a whole line of processors.
        model = [value("cpu family"), value("model"), value("stepping")].compactMap(\.self).joined(separator: ".")
        cores = ProcessInfo.processInfo.activeProcessorCount
        memoryGiB = Int((ProcessInfo.processInfo.physicalMemory + 1 << 29) >> 30)
        scanKernel = FlatScan.kernelName
        engineKernel = String(cString: hamming_kernel_name())
    }
}
