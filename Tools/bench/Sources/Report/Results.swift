import Foundation

/// Everything that a run has measured; what `--json` writes.
struct Results: Codable {
    var machine = Machine()
    var notes: [String] = []
    var stores: [StoreFigures] = []
    var cells: [QueryCell] = []
    var inserts: [Inserts] = []
    var allocations: [AllocationCount] = []
    var batches: [BatchFigures] = []
    var filters: [FilterFigures] = []
    var pairs: [PairFigures] = []
    var judged: [JudgedCell] = []

    /// Small inserts, with or without waiting for the device.
    struct Inserts: Codable {
        let synchronous: Bool
        let figures: InsertOnce.Figures
        var rate: Double { Double(figures.codes) / figures.seconds }
    }

    /// The cell of a question.
    func cell(_ set: String, _ kind: String, _ operation: Operation) -> QueryCell? {
        cells.first { $0.set == set && $0.kind == kind && $0.operation == operation }
    }

    func store(_ set: String) -> StoreFigures? { stores.first { $0.set == set } }
}

/// What it was measured on.
struct Machine: Codable {
    let processor: String
    let model: String
    let cores: Int
    let memoryGiB: Int
    let scanKernel: String
    let engineKernel: String
}
