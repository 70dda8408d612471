import CHamming
import Foundation

extension Machine {
    /// This machine.
    init() {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
        cores = ProcessInfo.processInfo.activeProcessorCount
        memoryGiB = Int((ProcessInfo.processInfo.physicalMemory + 1 << 29) >> 30)
        scanKernel = FlatScan.kernelName
        engineKernel = String(cString: hamming_kernel_name())
    }
}
